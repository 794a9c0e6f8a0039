// Command promhttp answers questions, one JSON object a line, with what promhttp and expfmt make of metrics
// that are described to it. Floats are strings there, as JSON has no infinity. The first line that it writes
// is empty: there is nothing to say of the versions.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/timestamp"
	"github.com/matttproud/golang_protobuf_extensions/pbutil"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

type question struct {
	// Answered with the page that promhttp serves of Families and Instruments.
	Accept      *string
	Families    []family
	Instruments []instrument
	// Answered with the families in these bytes, which are delimited protobuf.
	Decode []byte
	// Answered with the format that expfmt chooses for each header.
	Negotiate []string
}

type family struct {
	Name, Help, Type string
	Series           []series
}

type series struct {
	Labels    [][2]string
	Value     string
	Timestamp *int64
	Exemplar  *exemplar
	Sum       string
	Count     uint64
	// Of a histogram whose counts are no whole numbers; only answered.
	CountFloat string
	Quantiles  [][2]string
	Buckets    []bucket
	Native     *native
}

type exemplar struct {
	Labels    [][2]string
	Value     string
	Timestamp *int64
}

type bucket struct {
	Bound      string
	Count      uint64
	CountFloat string
	Exemplar   *exemplar
}

type native struct {
	Schema             int32
	ZeroThreshold      string
	ZeroCount          uint64
	Positive, Negative sparse
}

type sparse struct {
	Spans []struct {
		Offset int32
		Length uint32
	}
	Deltas []int64
}

// An instrument is changed step by step.
type instrument struct {
	Name, Help, Type string
	Labels           []string
	Buckets          []string
	Steps            []struct {
		Do     string
		Labels []string
		Value  string
	}
}

type page struct {
	ContentType string `json:"contentType"`
	Body        []byte `json:"body"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	write := func(answer interface{}) {
		line, err := json.Marshal(answer)
		check(err)
		fmt.Fprintf(out, "%s\n", line)
		check(out.Flush())
	}
	write(struct{}{})
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var asked question
		check(json.Unmarshal(in.Bytes(), &asked))
		switch {
		case asked.Decode != nil:
			write(decode(asked.Decode))
		case asked.Negotiate != nil:
			write(negotiate(asked.Negotiate))
		default:
			write(serve(&asked))
		}
	}
	check(in.Err())
}

func negotiate(headers []string) []string {
	answer := make([]string, len(headers))
	for i, header := range headers {
		answer[i] = string(expfmt.NegotiateIncludingOpenMetrics(http.Header{"Accept": {header}}))
	}
	return answer
}

func serve(asked *question) page {
	registry := prometheus.NewRegistry()
	registry.MustRegister(described(asked.Families))
	for _, each := range asked.Instruments {
		run(registry, each)
	}
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		EnableOpenMetrics:  true,
		DisableCompression: true,
		ErrorHandling:      promhttp.HTTPErrorOnError,
	})
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", *asked.Accept)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		panic(recorder.Body.String())
	}
	return page{recorder.Header().Get("Content-Type"), recorder.Body.Bytes()}
}

// Described families are collected as they are; the registry sorts and checks them.
type described []family

func (described) Describe(chan<- *prometheus.Desc) {}

func (d described) Collect(metrics chan<- prometheus.Metric) {
	for _, each := range d {
		for _, one := range each.Series {
			metrics <- metric{each, one}
		}
	}
}

type metric struct {
	family family
	series series
}

func (m metric) Desc() *prometheus.Desc {
	names := make([]string, len(m.series.Labels))
	for i, label := range m.series.Labels {
		names[i] = label[0]
	}
	return prometheus.NewDesc(m.family.Name, m.family.Help, names, nil)
}

func (m metric) Write(to *dto.Metric) error {
	to.Label = pairs(m.series.Labels)
	to.TimestampMs = m.series.Timestamp
	switch m.family.Type {
	case "counter":
		to.Counter = &dto.Counter{Value: float(m.series.Value), Exemplar: m.series.Exemplar.toProto()}
	case "gauge":
		to.Gauge = &dto.Gauge{Value: float(m.series.Value)}
	case "untyped":
		to.Untyped = &dto.Untyped{Value: float(m.series.Value)}
	case "summary":
		to.Summary = &dto.Summary{SampleCount: proto.Uint64(m.series.Count), SampleSum: float(m.series.Sum)}
		for _, each := range m.series.Quantiles {
			to.Summary.Quantile = append(to.Summary.Quantile, &dto.Quantile{Quantile: float(each[0]), Value: float(each[1])})
		}
	case "histogram":
		to.Histogram = &dto.Histogram{SampleCount: proto.Uint64(m.series.Count), SampleSum: float(m.series.Sum)}
		for _, each := range m.series.Buckets {
			to.Histogram.Bucket = append(to.Histogram.Bucket, &dto.Bucket{
				CumulativeCount: proto.Uint64(each.Count),
				UpperBound:      float(each.Bound),
				Exemplar:        each.Exemplar.toProto(),
			})
		}
		m.series.Native.addTo(to.Histogram)
	default:
		panic(m.family.Type)
	}
	return nil
}

func pairs(labels [][2]string) []*dto.LabelPair {
	var answer []*dto.LabelPair
	for _, label := range labels {
		answer = append(answer, &dto.LabelPair{Name: proto.String(label[0]), Value: proto.String(label[1])})
	}
	return answer
}

func (e *exemplar) toProto() *dto.Exemplar {
	if e == nil {
		return nil
	}
	answer := &dto.Exemplar{Label: pairs(e.Labels), Value: float(e.Value)}
	if e.Timestamp != nil {
		at := time.UnixMilli(*e.Timestamp)
		answer.Timestamp = &timestamp.Timestamp{Seconds: at.Unix(), Nanos: int32(at.Nanosecond())}
	}
	return answer
}

func (n *native) addTo(to *dto.Histogram) {
	if n == nil {
		return
	}
	to.Schema = proto.Int32(n.Schema)
	to.ZeroThreshold = float(n.ZeroThreshold)
	to.ZeroCount = proto.Uint64(n.ZeroCount)
	to.PositiveSpan, to.PositiveDelta = n.Positive.toProto()
	to.NegativeSpan, to.NegativeDelta = n.Negative.toProto()
}

func (s sparse) toProto() (spans []*dto.BucketSpan, deltas []int64) {
	for _, span := range s.Spans {
		spans = append(spans, &dto.BucketSpan{Offset: proto.Int32(span.Offset), Length: proto.Uint32(span.Length)})
	}
	return spans, s.Deltas
}

// Without labels, what counts is there from the beginning, as NewCounter has it.
func run(registry *prometheus.Registry, given instrument) {
	switch given.Type {
	case "counter":
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: given.Name, Help: given.Help}, given.Labels)
		registry.MustRegister(vector)
		if len(given.Labels) == 0 {
			vector.WithLabelValues()
		}
		for _, step := range given.Steps {
			switch step.Do {
			case "add":
				vector.WithLabelValues(step.Labels...).Add(*float(step.Value))
			case "delete":
				vector.DeleteLabelValues(step.Labels...)
			}
		}
	case "gauge":
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: given.Name, Help: given.Help}, given.Labels)
		registry.MustRegister(vector)
		for _, step := range given.Steps {
			switch step.Do {
			case "add":
				vector.WithLabelValues(step.Labels...).Add(*float(step.Value))
			case "set":
				vector.WithLabelValues(step.Labels...).Set(*float(step.Value))
			case "delete":
				vector.DeleteLabelValues(step.Labels...)
			}
		}
	case "histogram":
		bounds := make([]float64, len(given.Buckets))
		for i, bound := range given.Buckets {
			bounds[i] = *float(bound)
		}
		vector := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: given.Name, Help: given.Help, Buckets: bounds}, given.Labels)
		registry.MustRegister(vector)
		if len(given.Labels) == 0 {
			vector.WithLabelValues()
		}
		for _, step := range given.Steps {
			switch step.Do {
			case "observe":
				vector.WithLabelValues(step.Labels...).Observe(*float(step.Value))
			case "delete":
				vector.DeleteLabelValues(step.Labels...)
			}
		}
	case "summary":
		vector := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: given.Name, Help: given.Help}, given.Labels)
		registry.MustRegister(vector)
		if len(given.Labels) == 0 {
			vector.WithLabelValues()
		}
		for _, step := range given.Steps {
			switch step.Do {
			case "observe":
				vector.WithLabelValues(step.Labels...).Observe(*float(step.Value))
			case "delete":
				vector.DeleteLabelValues(step.Labels...)
			}
		}
	default:
		panic(given.Type)
	}
}

// Every field of the messages, with the floats as strings and the labels as pairs.
func decode(delimited []byte) []family {
	answer := []family{}
	in := bytes.NewReader(delimited)
	for {
		var message dto.MetricFamily
		if _, err := pbutil.ReadDelimited(in, &message); err == io.EOF {
			return answer
		} else {
			check(err)
		}
		read := family{Name: message.GetName(), Help: message.GetHelp(), Type: message.GetType().String()}
		for _, each := range message.Metric {
			read.Series = append(read.Series, decodeMetric(each))
		}
		answer = append(answer, read)
	}
}

func decodeMetric(given *dto.Metric) series {
	read := series{Labels: fromPairs(given.Label), Timestamp: given.TimestampMs}
	switch {
	case given.Counter != nil:
		read.Value = format(given.Counter.GetValue())
		read.Exemplar = fromProto(given.Counter.Exemplar)
	case given.Gauge != nil:
		read.Value = format(given.Gauge.GetValue())
	case given.Untyped != nil:
		read.Value = format(given.Untyped.GetValue())
	case given.Summary != nil:
		read.Sum, read.Count = format(given.Summary.GetSampleSum()), given.Summary.GetSampleCount()
		for _, each := range given.Summary.Quantile {
			read.Quantiles = append(read.Quantiles, [2]string{format(each.GetQuantile()), format(each.GetValue())})
		}
	case given.Histogram != nil:
		h := given.Histogram
		read.Sum, read.Count = format(h.GetSampleSum()), h.GetSampleCount()
		for _, each := range h.Bucket {
			read.Buckets = append(read.Buckets, bucket{
				Bound:      format(each.GetUpperBound()),
				Count:      each.GetCumulativeCount(),
				CountFloat: optional(each.CumulativeCountFloat),
				Exemplar:   fromProto(each.Exemplar),
			})
		}
		read.CountFloat = optional(h.SampleCountFloat)
		if h.Schema != nil {
			read.Native = &native{
				Schema:        h.GetSchema(),
				ZeroThreshold: format(h.GetZeroThreshold()),
				ZeroCount:     h.GetZeroCount(),
				Positive:      fromSparse(h.PositiveSpan, h.PositiveDelta),
				Negative:      fromSparse(h.NegativeSpan, h.NegativeDelta),
			}
		}
	}
	return read
}

func fromPairs(given []*dto.LabelPair) [][2]string {
	answer := [][2]string{}
	for _, pair := range given {
		answer = append(answer, [2]string{pair.GetName(), pair.GetValue()})
	}
	return answer
}

func fromProto(given *dto.Exemplar) *exemplar {
	if given == nil {
		return nil
	}
	read := &exemplar{Labels: fromPairs(given.Label), Value: format(given.GetValue())}
	if given.Timestamp != nil {
		read.Timestamp = proto.Int64(given.Timestamp.GetSeconds()*1000 + int64(given.Timestamp.GetNanos())/1e6)
	}
	return read
}

func fromSparse(spans []*dto.BucketSpan, deltas []int64) (read sparse) {
	for _, span := range spans {
		read.Spans = append(read.Spans, struct {
			Offset int32
			Length uint32
		}{span.GetOffset(), span.GetLength()})
	}
	read.Deltas = deltas
	return read
}

func float(text string) *float64 {
	value, err := strconv.ParseFloat(text, 64)
	check(err)
	return &value
}

func optional(value *float64) string {
	if value == nil {
		return ""
	}
	return format(*value)
}

func format(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

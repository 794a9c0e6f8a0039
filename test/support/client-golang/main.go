// Command client-golang answers questions, one JSON object a line, with what the client_golang that it is
// built with does. Floats are strings there, as JSON has no infinity. The first line that it writes says
// what this version of client_golang is known to do differently from the current one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

type question struct {
	Native  *nativeQuestion
	Buckets *bucketsQuestion
}

type bucketsQuestion struct {
	Function      string
	First, Second string
	Count         int
}

type nativeQuestion struct {
	Factor, ZeroThreshold, MaxZeroThreshold string
	MaxBuckets                              uint32
	MinResetSeconds                         int64
	Steps                                   []step
}

// A step sets the clock, in seconds, and observes the values.
type step struct {
	At     int64
	Values []string
}

type span struct {
	Offset int32  `json:"offset"`
	Length uint32 `json:"length"`
}

type buckets struct {
	Spans  []span  `json:"spans"`
	Deltas []int64 `json:"deltas"`
}

type state struct {
	Schema        int32   `json:"schema"`
	ZeroThreshold string  `json:"zeroThreshold"`
	ZeroCount     uint64  `json:"zeroCount"`
	Count         uint64  `json:"count"`
	Sum           string  `json:"sum"`
	Positive      buckets `json:"positive"`
	Negative      buckets `json:"negative"`
	Created       int64   `json:"created"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	write := func(answer interface{}) {
		line, err := json.Marshal(answer)
		check(err)
		fmt.Fprintf(out, "%s\n", line)
		check(out.Flush())
	}
	write(map[string]bool{"roundsToZero": roundsToZero(), "marksEmpty": marksEmpty()})
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var asked question
		check(json.Unmarshal(in.Bytes(), &asked))
		if asked.Native != nil {
			write(answerNative(asked.Native))
		} else {
			write(answerBuckets(asked.Buckets))
		}
	}
	check(in.Err())
}

func answerBuckets(asked *bucketsQuestion) []string {
	first, second := parse(asked.First), parse(asked.Second)
	var bounds []float64
	switch asked.Function {
	case "linear":
		bounds = prometheus.LinearBuckets(first, second, asked.Count)
	case "exponential":
		bounds = prometheus.ExponentialBuckets(first, second, asked.Count)
	case "range":
		bounds = prometheus.ExponentialBucketsRange(first, second, asked.Count)
	default:
		panic(asked.Function)
	}
	answer := make([]string, len(bounds))
	for i, bound := range bounds {
		answer[i] = format(bound)
	}
	return answer
}

func answerNative(asked *nativeQuestion) []state {
	run := newRun(prometheus.HistogramOpts{
		Name:                            "h",
		NativeHistogramBucketFactor:     parse(asked.Factor),
		NativeHistogramZeroThreshold:    parse(asked.ZeroThreshold),
		NativeHistogramMaxBucketNumber:  asked.MaxBuckets,
		NativeHistogramMinResetDuration: time.Duration(asked.MinResetSeconds) * time.Second,
		NativeHistogramMaxZeroThreshold: parse(asked.MaxZeroThreshold),
	})
	answer := make([]state, len(asked.Steps))
	for i, step := range asked.Steps {
		run.advance(time.Unix(step.At, 0))
		for _, value := range step.Values {
			run.histogram.Observe(parse(value))
			run.emulateSchedule()
		}
		answer[i] = run.read()
	}
	return answer
}

// A run is a histogram on a clock of ours. The clock and the timer are fields that client_golang's own
// tests set; a version without the field afterFunc does not yet schedule the reset that restores the first
// resolution, so that here a new histogram takes the place of the old one.
type run struct {
	options   prometheus.HistogramOpts
	histogram prometheus.Histogram
	first     state
	now       time.Time
	due       time.Time
	reset     func()
}

func newRun(options prometheus.HistogramOpts) *run {
	run := &run{options: options, now: time.Unix(0, 0)}
	run.renew()
	run.first = run.read()
	return run
}

func (r *run) renew() {
	r.histogram = prometheus.NewHistogram(r.options)
	*(*func() time.Time)(r.field("now")) = func() time.Time { return r.now }
	*(*time.Time)(r.field("lastResetTime")) = r.now
	if afterFunc := r.field("afterFunc"); afterFunc != nil {
		*(*func(time.Duration, func()) *time.Timer)(afterFunc) = func(d time.Duration, reset func()) *time.Timer {
			r.due, r.reset = r.now.Add(d), reset
			return nil
		}
	}
}

func (r *run) field(name string) unsafe.Pointer {
	field := reflect.ValueOf(r.histogram).Elem().FieldByName(name)
	if !field.IsValid() {
		return nil
	}
	return unsafe.Pointer(field.UnsafeAddr())
}

func (r *run) advance(to time.Time) {
	if r.reset != nil && !r.due.After(to) {
		reset := r.reset
		r.now, r.reset = r.due, nil
		reset()
	}
	r.now = to
}

func (r *run) emulateSchedule() {
	if r.field("afterFunc") != nil || r.reset != nil || r.options.NativeHistogramMinResetDuration == 0 || r.options.NativeHistogramMaxBucketNumber == 0 {
		return
	}
	is := r.read()
	crowded := is.Positive.populated()+is.Negative.populated() > int(r.options.NativeHistogramMaxBucketNumber)
	if crowded || is.Schema != r.first.Schema || is.ZeroThreshold != r.first.ZeroThreshold {
		r.due = time.Unix(is.Created, 0).Add(r.options.NativeHistogramMinResetDuration)
		r.reset = r.renew
	}
}

func (r *run) read() state {
	var metric dto.Metric
	check(r.histogram.Write(&metric))
	h := metric.Histogram
	return state{
		Schema:        h.GetSchema(),
		ZeroThreshold: format(h.GetZeroThreshold()),
		ZeroCount:     h.GetZeroCount(),
		Count:         h.GetSampleCount(),
		Sum:           format(h.GetSampleSum()),
		Positive:      toBuckets(h.GetPositiveSpan(), h.GetPositiveDelta()),
		Negative:      toBuckets(h.GetNegativeSpan(), h.GetNegativeDelta()),
		Created:       (*(*time.Time)(r.field("lastResetTime"))).Unix(),
	}
}

func toBuckets(spans []*dto.BucketSpan, deltas []int64) buckets {
	answer := buckets{Spans: []span{}, Deltas: append([]int64{}, deltas...)}
	for _, s := range spans {
		answer.Spans = append(answer.Spans, span{Offset: s.GetOffset(), Length: s.GetLength()})
	}
	return answer
}

func (b buckets) populated() int {
	populated, count := 0, int64(0)
	for _, delta := range b.Deltas {
		count += delta
		if count > 0 {
			populated++
		}
	}
	return populated
}

// Before 1.16, with a schema below 0, indexes below 0 are rounded towards 0 instead of up.
func roundsToZero() bool {
	run := newRun(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: 65536})
	run.histogram.Observe(math.Ldexp(1, -20))
	return run.read().Positive.Spans[0].Offset != -1
}

// Before 1.17 a histogram without observations and with a zero threshold of 0 looks like a classic one.
func marksEmpty() bool {
	run := newRun(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: 2, NativeHistogramZeroThreshold: prometheus.NativeHistogramZeroThresholdZero})
	return len(run.read().Positive.Spans) == 1
}

func parse(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	check(err)
	return value
}

func format(value float64) string {
	if math.IsInf(value, 0) {
		return map[bool]string{true: "-Infinity", false: "Infinity"}[value < 0]
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
)

// A mix in somebody's registry.
type registry interface {
	// Changes values as the round says; round 0 of "all" gives every series its first.
	change(changed string, round int)
	render(format string, w io.Writer) error
	handler() http.Handler
}

func openRegistry(library, mix string, series int) registry {
	if library == "VictoriaMetrics" {
		return openVictoriaMetrics(mix, series)
	}
	return openClientGolang(mix, series)
}

type kept[C any] struct {
	series int
	child  C
}

type clientGolangRegistry struct {
	registry   *prometheus.Registry
	counters   []kept[prometheus.Counter]
	gauges     []kept[prometheus.Gauge]
	histograms []kept[prometheus.Observer]
}

func openClientGolang(mix string, series int) registry {
	r := &clientGolangRegistry{registry: prometheus.NewRegistry()}
	for _, f := range familiesOf(mix, series) {
		switch f.kind {
		case counterType:
			vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.name, Help: f.help}, labels)
			r.registry.MustRegister(vec)
			for i := 0; i < f.size; i++ {
				r.counters = append(r.counters, kept[prometheus.Counter]{f.first + i, vec.WithLabelValues(labelValues(i)...)})
			}
		case gaugeType:
			vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: f.name, Help: f.help}, labels)
			r.registry.MustRegister(vec)
			for i := 0; i < f.size; i++ {
				r.gauges = append(r.gauges, kept[prometheus.Gauge]{f.first + i, vec.WithLabelValues(labelValues(i)...)})
			}
		case histogramType:
			vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: f.name, Help: f.help}, labels)
			r.registry.MustRegister(vec)
			for i := 0; i < f.size; i++ {
				r.histograms = append(r.histograms, kept[prometheus.Observer]{f.first + i, vec.WithLabelValues(labelValues(i)...)})
			}
		}
	}
	return r
}

func (r *clientGolangRegistry) change(changed string, round int) {
	for _, k := range r.counters {
		if isChanged(changed, k.series, round) {
			k.child.Add(increase(k.series, round))
		}
	}
	for _, k := range r.gauges {
		if isChanged(changed, k.series, round) {
			k.child.Set(gaugeValue(k.series, round))
		}
	}
	for _, k := range r.histograms {
		if isChanged(changed, k.series, round) {
			for i := 0; i < observationsOf(round); i++ {
				k.child.Observe(observation(k.series, round, i))
			}
		}
	}
}

func (r *clientGolangRegistry) render(format string, w io.Writer) error {
	families, err := r.registry.Gather()
	if err != nil {
		return err
	}
	as := expfmt.FmtText
	if format == "protobuf" {
		as = expfmt.FmtProtoDelim
	}
	encoder := expfmt.NewEncoder(w, as)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *clientGolangRegistry) handler() http.Handler {
	return promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{})
}

// Its gauges are functions and its counters count in whole numbers; it writes neither HELP nor TYPE.
type victoriaMetricsRegistry struct {
	set      *metrics.Set
	counters []kept[*metrics.Counter]
	gauges   []kept[*float64]
}

func openVictoriaMetrics(mix string, series int) registry {
	r := &victoriaMetricsRegistry{set: metrics.NewSet()}
	for _, f := range familiesOf(mix, series) {
		for i := 0; i < f.size; i++ {
			values := labelValues(i)
			name := fmt.Sprintf("%s{method=%q,route=%q,zone=%q}", f.name, values[0], values[1], values[2])
			switch f.kind {
			case counterType:
				r.counters = append(r.counters, kept[*metrics.Counter]{f.first + i, r.set.NewCounter(name)})
			case gaugeType:
				value := new(float64)
				r.set.NewGauge(name, func() float64 { return *value })
				r.gauges = append(r.gauges, kept[*float64]{f.first + i, value})
			case histogramType:
				panic("this version of VictoriaMetrics/metrics has no histograms with fixed buckets")
			}
		}
	}
	return r
}

func (r *victoriaMetricsRegistry) change(changed string, round int) {
	for _, k := range r.counters {
		if isChanged(changed, k.series, round) {
			k.child.Add(int(increase(k.series, round)))
		}
	}
	for _, k := range r.gauges {
		if isChanged(changed, k.series, round) {
			*k.child = gaugeValue(k.series, round)
		}
	}
}

func (r *victoriaMetricsRegistry) render(_ string, w io.Writer) error {
	r.set.WritePrometheus(w)
	return nil
}

func (r *victoriaMetricsRegistry) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { r.set.WritePrometheus(w) })
}

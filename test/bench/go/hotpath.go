package main

import (
	"log"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Nanoseconds for each operation of a round; the cases are those of ../hot-path-child.ts.
func answerHotPath(s setting) func(ask) any {
	work := hotPathOf(s.Case, s.Series)
	return func(ask) any {
		// What the last round left is not this round's to clean up.
		runtime.GC()
		start := time.Now()
		work()
		return float64(time.Since(start).Nanoseconds()) / float64(s.Series)
	}
}

const hotSeries = 1024

func hotPathOf(name string, operations int) func() {
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hot_requests_total", Help: "Requests."}, labels)
	var values [][]string
	for i := 0; i < hotSeries; i++ {
		values = append(values, labelValues(i))
	}
	switch name {
	case "counter/inc/kept":
		var children []prometheus.Counter
		for _, v := range values {
			children = append(children, counters.WithLabelValues(v...))
		}
		return func() {
			for i := 0; i < operations; i++ {
				children[i%hotSeries].Inc()
			}
		}
	case "counter/inc/look-up":
		return func() {
			for i := 0; i < operations; i++ {
				v := values[i%hotSeries]
				counters.WithLabelValues(v[0], v[1], v[2]).Inc()
			}
		}
	case "counter/inc/labels-object":
		return func() {
			for i := 0; i < operations; i++ {
				v := values[i%hotSeries]
				counters.With(prometheus.Labels{"method": v[0], "route": v[1], "zone": v[2]}).Inc()
			}
		}
	case "histogram/observe/kept":
		durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hot_duration_seconds", Help: "Durations."}, labels)
		var children []prometheus.Observer
		var observed []float64
		for i, v := range values {
			children = append(children, durations.WithLabelValues(v...))
			observed = append(observed, observation(i, 0, 0))
		}
		return func() {
			for i := 0; i < operations; i++ {
				children[i%hotSeries].Observe(observed[i%hotSeries])
			}
		}
	case "const-samples":
		return gatherConstSamples(operations)
	}
	log.Fatalf("there is no %q", name)
	return nil
}

type constSamples struct {
	desc   *prometheus.Desc
	values [][]string
}

func (c *constSamples) Describe(descs chan<- *prometheus.Desc) { descs <- c.desc }

func (c *constSamples) Collect(samples chan<- prometheus.Metric) {
	for i, values := range c.values {
		samples <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, gaugeValue(i, 0), values...)
	}
}

func gatherConstSamples(series int) func() {
	c := &constSamples{desc: prometheus.NewDesc("hot_load_ratio", "Load.", labels, nil)}
	for i := 0; i < series; i++ {
		c.values = append(c.values, labelValues(i))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	return func() {
		if _, err := registry.Gather(); err != nil {
			log.Fatal(err)
		}
	}
}

package main

import (
	"io"
	"log"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Bytes of the heap for each series: round 0 fills a registry with gauges, round 1 renders it.
func answerMemory(s setting) func(ask) any {
	registry := prometheus.NewRegistry()
	before := heapBytes()
	return func(a ask) any {
		if a.Round == 0 {
			vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "shop_load_ratio", Help: "Load."}, labels)
			registry.MustRegister(vec)
			for i := 0; i < s.Series; i++ {
				vec.WithLabelValues(labelValues(i)...).Set(gaugeValue(i, 0))
			}
		} else {
			families, err := registry.Gather()
			if err != nil {
				log.Fatal(err)
			}
			encoder := expfmt.NewEncoder(io.Discard, expfmt.FmtText)
			for _, f := range families {
				if err := encoder.Encode(f); err != nil {
					log.Fatal(err)
				}
			}
		}
		value := float64(heapBytes()-before) / float64(s.Series)
		runtime.KeepAlive(registry)
		return value
	}
}

// After two collections, as pools (sync.Pool) live through one.
func heapBytes() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

package main

import (
	"fmt"
	"math"
)

// The mixes of ../mix-a.ts and ../mix-h.ts: the same names, labels and values, to the last bit. A product
// that is added to something stands in float64(), so that no processor may fuse the two (Go's
// specification, "Floating-point operators").

const (
	counterType = iota
	gaugeType
	histogramType
)

const (
	familiesOfAType     = 10
	routes              = 100
	linesOfAHistogram   = 14
	firstObservations   = 200
	furtherObservations = 5
)

var (
	labels  = []string{"method", "route", "zone"}
	methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH"}
)

type family struct {
	kind       int
	name, help string
	// The numbers of its series: first, first+1, …
	first, size int
}

func familiesOf(mix string, lines int) []family {
	histograms := 0
	if mix == "H" {
		histograms = int(math.Floor(float64(lines)/2/linesOfAHistogram + 0.5))
	}
	plain := lines - linesOfAHistogram*histograms
	var families []family
	for part := 0; part < familiesOfAType; part++ {
		families = append(families,
			family{kind: counterType, name: fmt.Sprintf("shop_%d_requests_total", part), help: fmt.Sprintf("Requests of part %d.", part)},
			family{kind: gaugeType, name: fmt.Sprintf("shop_%d_load_ratio", part), help: fmt.Sprintf("Load of part %d.", part)})
	}
	spread(families, plain, 0)
	if histograms == 0 {
		return families
	}
	var timed []family
	for part := 0; part < familiesOfAType; part++ {
		timed = append(timed, family{kind: histogramType, name: fmt.Sprintf("shop_%d_duration_seconds", part), help: fmt.Sprintf("Durations of part %d.", part)})
	}
	spread(timed, histograms, plain)
	return append(families, timed...)
}

func spread(families []family, series, first int) {
	for i := range families {
		begin, end := series*i/len(families), series*(i+1)/len(families)
		families[i].first, families[i].size = first+begin, end-begin
	}
}

func labelValues(series int) []string {
	rest := series / len(methods)
	return []string{
		methods[series%len(methods)],
		fmt.Sprintf("/api/v1/orders/%d/items", rest%routes),
		fmt.Sprintf("eu-central-%d", rest/routes),
	}
}

func fraction(a, b int) float64 {
	high := mixBits(uint32(a)*0x9e3779b1 ^ uint32(b))
	low := mixBits(high^uint32(b)*0x85ebca6b^uint32(a)) >> 11
	return float64(float64(high)*0x200000+float64(low)) / (1 << 53)
}

func mixBits(bits uint32) uint32 {
	bits = (bits ^ bits>>16) * 0x85ebca6b
	bits = (bits ^ bits>>13) * 0xc2b2ae35
	return bits ^ bits>>16
}

func increase(series, round int) float64 {
	return 1 + math.Floor(fraction(series, round)*1000)
}

func gaugeValue(series, round int) float64 {
	value := fraction(series, round)
	switch series % 3 {
	case 0:
		return math.Floor(value * 100_000)
	case 1:
		return roundHalfUp(value*1_000_000) / 1000
	}
	return value * 1000
}

// As JavaScript's Math.round does it.
func roundHalfUp(value float64) float64 {
	whole := math.Floor(value)
	if float64(value)-whole >= 0.5 {
		return whole + 1
	}
	return whole
}

func observationsOf(round int) int {
	if round == 0 {
		return firstObservations
	}
	return furtherObservations
}

func observation(series, round, number int) float64 {
	value := fraction(series, round*firstObservations+number)
	return value * value * value * 12
}

func isChanged(changed string, series, round int) bool {
	return changed == "all" || (series+round)%10 == 0
}

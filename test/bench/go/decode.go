package main

import (
	"bytes"
	"errors"
	"io"
	"log"
	"os"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Replaces a file of delimited protobuf messages by the families in it as text.
func answerDecode(setting) func(ask) any {
	return func(a ask) any {
		content, err := os.ReadFile(a.File)
		if err != nil {
			log.Fatal(err)
		}
		decoder := expfmt.NewDecoder(bytes.NewReader(content), expfmt.FmtProtoDelim)
		var text bytes.Buffer
		for {
			var family dto.MetricFamily
			if err := decoder.Decode(&family); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				log.Fatal(err)
			}
			if _, err := expfmt.MetricFamilyToText(&text, &family); err != nil {
				log.Fatal(err)
			}
		}
		if err := os.WriteFile(a.File, text.Bytes(), 0o600); err != nil {
			log.Fatal(err)
		}
		return 0
	}
}

package main

import (
	"bytes"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func answerRegistry(s setting) func(ask) any {
	r := openRegistry(s.Library, s.Mix, s.Series)
	r.change("all", 0)
	var body bytes.Buffer
	render := func() []byte {
		body.Reset()
		if err := r.render(s.Format, &body); err != nil {
			log.Fatal(err)
		}
		return body.Bytes()
	}
	return func(a ask) any {
		switch a.Do {
		case "change":
			r.change(s.Changed, a.Round)
		case "round":
			r.change(s.Changed, a.Round)
			start := time.Now()
			render()
			return float64(time.Since(start).Nanoseconds()) / 1e6
		case "write":
			if err := os.WriteFile(a.File, render(), 0o600); err != nil {
				log.Fatal(err)
			}
		case "serve":
			return serve(r.handler())
		default:
			log.Fatalf("there is no %q", a.Do)
		}
		return 0
	}
}

// Gives the port.
func serve(handler http.Handler) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, handler)) }()
	return listener.Addr().(*net.TCPAddr).Port
}

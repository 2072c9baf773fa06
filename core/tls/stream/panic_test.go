package stream

import (
	"context"
	"strings"
	"testing"
)

// What is wrong here, or in a peer's certificate, ends the connection and not the process.
func TestAPanicIsAFailure(t *testing.T) {
	client, server := configs(t, versions["1.3"])
	_, s, until := couple(t, client, server)
	s.Close()
	s.Stream = &Stream{}
	s.Begin(Beginning{Config: server, Server: true, Context: context.Background(), Progress: func() {},
		Done: func(error) { panic("on purpose") }})
	until("it has failed", func() bool { return s.Err() != nil })
	if s.Encrypted() || !strings.Contains(s.Err().Error(), "on purpose") {
		t.Error(s.Err())
	}
}

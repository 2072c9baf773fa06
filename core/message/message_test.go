package message

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

func TestHandlerReceivesEachMessage(t *testing.T) {
	defer SetHandler(nil)
	var got []string
	SetHandler(func(kind Kind, text string) { got = append(got, fmt.Sprint(kind, " ", text)) })
	Send(Warning, "one")
	Send(Critical, "two")
	if fmt.Sprint(got) != "[1 one 2 two]" {
		t.Errorf("received %q", got)
	}
}

func TestWithoutAHandlerMessagesGoToStderr(t *testing.T) {
	SetHandler(func(Kind, string) { t.Error("the handler that was removed is called") })
	SetHandler(nil)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	old := os.Stderr
	os.Stderr = w
	Send(Warning, "some text")
	os.Stderr = old
	w.Close()
	if got, _ := io.ReadAll(r); string(got) != "qnet: some text\n" {
		t.Errorf("printed %q", got)
	}
}

func TestHandlerMaySendAndReplaceItself(t *testing.T) {
	defer SetHandler(nil)
	var got []string
	SetHandler(func(_ Kind, text string) {
		SetHandler(func(_ Kind, text string) { got = append(got, text) })
		Send(Info, "nested "+text)
	})
	Send(Info, "first")
	Send(Info, "second")
	if fmt.Sprint(got) != "[nested first second]" {
		t.Errorf("received %q", got)
	}
}

func TestHandlerMayChangeWhileOthersSend(t *testing.T) {
	defer SetHandler(nil)
	const threads, messages = 4, 200
	var received atomic.Int64
	count := func(Kind, string) { received.Add(1) }
	SetHandler(count)
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for range messages {
				Send(Debug, "text")
				SetHandler(count)
			}
		})
	}
	all.Wait()
	if n := received.Load(); n != threads*messages {
		t.Errorf("%d messages of %d", n, threads*messages)
	}
}

// C, C++ and Python programs see Qt's numbers.
func TestKindsHaveQtsNumbers(t *testing.T) {
	for i, kind := range []Kind{Debug, Warning, Critical, Fatal, Info} {
		if int(kind) != i {
			t.Errorf("kind %d is %d", i, kind)
		}
	}
}

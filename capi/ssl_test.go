package main

import "testing"

func TestVersionNumber(t *testing.T) {
	for text, want := range map[string]int64{"go1.26": 0x011a0000, "go1.26.3": 0x011a0003, "go1.27rc1": 0x011b0000, "go1.26.3 X:a": 0x011a0003,
		"devel +abc": 0} {
		if got := versionNumber(text); got != want {
			t.Errorf("%s: %#x", text, got)
		}
	}
}

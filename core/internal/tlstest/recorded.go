package tlstest

import (
	"encoding/json"
	"os"
	"testing"
)

// Recorded returns what was written down of Qt, as JSON.
func Recorded[T any](t testing.TB, path string) (said T) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &said); err != nil {
		t.Fatal(err)
	}
	return said
}

package header

import (
	"debug/elf"
	"os"
	"slices"
	"testing"
)

// TestLibraryExports compares what a built library defines, as nm -D
// --defined-only shows it, with the headers.
func TestLibraryExports(t *testing.T) {
	path := os.Getenv("QNET_LIBRARY")
	if path == "" {
		t.Skip("QNET_LIBRARY does not name a built library")
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]elf.SymType)
	m := parseHeaders(t)
	for _, f := range m.Functions {
		want[f.Name] = elf.STT_FUNC
	}
	for _, d := range m.Data {
		want[d.Name] = elf.STT_OBJECT
	}
	for _, s := range symbols {
		// The version that the script defines is listed as an absolute symbol.
		if s.Section == elf.SHN_UNDEF || s.Section == elf.SHN_ABS && s.Name == "QNET_0" {
			continue
		}
		typ, ok := want[s.Name]
		delete(want, s.Name)
		switch {
		case !ok:
			t.Errorf("%s is exported and in no header", s.Name)
		case elf.ST_TYPE(s.Info) != typ:
			t.Errorf("%s is %v, want %v", s.Name, elf.ST_TYPE(s.Info), typ)
		case s.Version != "QNET_0":
			t.Errorf("%s has the version %q", s.Name, s.Version)
		}
	}
	missing := make([]string, 0, len(want))
	for name := range want {
		missing = append(missing, name)
	}
	slices.Sort(missing)
	for _, name := range missing {
		t.Errorf("%s is in a header and not exported", name)
	}
	if so, err := file.DynString(elf.DT_SONAME); err != nil || len(so) != 1 {
		t.Errorf("SONAME is %q, %v", so, err)
	}
}

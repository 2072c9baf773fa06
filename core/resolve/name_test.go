package resolve

import (
	"strings"
	"testing"
)

func TestNamesAsTheyAreAskedFor(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, want := range map[string]string{
		"localhost":         "localhost",
		"LocalHost":         "localhost",
		"a.invalid.":        "a.invalid.",
		"_srv-1.invalid":    "_srv-1.invalid",
		"1.2.3.4.":          "1.2.3.4.",
		"a--b.invalid":      "a--b.invalid",
		"az09-za90.invalid": "az09-za90.invalid",
		"xn--zzzzz.invalid": "xn--zzzzz.invalid",
		long + ".invalid":   long + ".invalid",
		// As Qt 6.12 has it.
		"bücher.invalid":    "xn--bcher-kva.invalid",
		"BÜCHER.invalid":    "xn--bcher-kva.invalid",
		"straße.invalid":    "xn--strae-oqa.invalid",
		"STRAẞE.invalid":    "xn--strae-oqa.invalid",
		"☃.invalid":         "xn--n3h.invalid",
		"ｌｏｃａｌhost":         "localhost",
		"local\u00adhost":   "localhost",
		"localhost\u200b":   "localhost",
		"localhost。":        "localhost.",
		"a.אb.invalid":      "a.xn--b-zhc.invalid",
		"1א.invalid":        "xn--1-0hc.invalid",
		"a．b_c｡invalid":     "a.b_c.invalid",
		"":                  "",
		".":                 "",
		"a..invalid":        "",
		".invalid":          "",
		"-a.invalid":        "",
		"a-.invalid":        "",
		"xn--.invalid":      "",
		" localhost":        "",
		"localhost\n":       "",
		"\u3000localhost":   "",
		"two words.invalid": "",
		"[::1]":             "",
		"user@host.invalid": "",
		"host.invalid:80":   "",
		"a\x00b":            "",
		"a\xffb":            "",
		"a\ufffdb":          "",
		"a\u200db.invalid":  "",
		"\u0301a.invalid":   "",
		"ü-.invalid":        "",
		long + "a.invalid":  "",
	} {
		if got, ok := ToASCII(name); got != want || ok != (want != "") {
			t.Errorf("%q is asked for as %q, %v, not %q", name, got, ok, want)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, name := range []string{"localhost", "a.b", "a.b.", ".", "a..b", "", " ", "a b", "_srv._tcp", "-", "é.example", "xn--9ca",
		strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a.", 127) + "a", "a/b", "a:b", "[::1]", "a\x00b", "\xff", "ẞ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		ascii, ok := ToASCII(name)
		if !ok {
			return
		}
		if strings.Contains(ascii, "..") || strings.ContainsAny(ascii, " /%\x00\n\t@:[]") || strings.ToLower(ascii) != ascii {
			t.Errorf("%q is asked for as %q", name, ascii)
		}
		if again, ok := ToASCII(ascii); !ok || again != ascii {
			t.Errorf("%q is asked for as %q, and that as %q, %v", name, ascii, again, ok)
		}
		if !strings.HasSuffix(ascii, ".") {
			if dotted, ok := ToASCII(name + "."); !ok || dotted != ascii+"." {
				t.Errorf("%q is asked for as %q, but with a dot behind it as %q, %v", name, ascii, dotted, ok)
			}
		}
	})
}

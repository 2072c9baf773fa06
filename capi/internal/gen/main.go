// Command gen writes what repeats the public headers: the C entry points, the
// linker's version script, the declarations for Python and the tables of the
// misuse test and the fuzzer. Run it from anywhere in the repository after changing a header:
//
//	go generate ./capi
//
// With -check it writes nothing and fails if a file is not what it would write.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"qnet/capi/internal/header"
)

// outputs are the generated files, relative to the repository's root.
var outputs = []struct {
	path string
	text func(*header.Model) ([]byte, error)
}{
	{"capi/stubs.c", stubs},
	{"capi/names.c", names},
	{"capi/exports.map", exports},
	{"capi/signal_exports.go", signals},
	{"capi/callback.h", trampolines},
	{"capi/abi/symbols.tsv", symbols},
	{"capi/tests/misuse_table.h", misuseTable},
	{"capi/tests/fuzz/fuzz_table.h", fuzzTable},
	{"bindings/python/qnet/_api.py", python},
}

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	model, err := header.ParseDir(filepath.Join(root, "include", "qnet"))
	if err != nil {
		return err
	}
	var stale []error
	for _, out := range outputs {
		text, err := out.text(model)
		if err != nil {
			return fmt.Errorf("%s: %w", out.path, err)
		}
		path := filepath.Join(root, filepath.FromSlash(out.path))
		old, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(old, text):
			// Left alone, so that nothing is built anew for it.
		case check:
			stale = append(stale, fmt.Errorf("%s is stale; run go generate ./capi", out.path))
		default:
			if err := write(path, text); err != nil {
				return err
			}
		}
	}
	return errors.Join(stale...)
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// findRoot returns the directory above this one that holds the headers: go
// generate runs the command in capi, a person runs it in the root.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "include", "qnet", "qnet.h")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("include/qnet/qnet.h is in no directory above this one")
		}
		dir = parent
	}
}

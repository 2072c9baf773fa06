package main

import (
	"bytes"
	"fmt"

	"qnet/capi/internal/header"
)

// namesValues reports whether a function returns the names of an enumeration's values.
func namesValues(f *header.Func) bool {
	return len(f.Params) == 1 && f.Params[0].Type.Kind == header.EnumType && f.Name == f.Params[0].Type.Base+"_name"
}

// names writes the functions that return them.
func names(m *header.Model) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(cNotice + "\n#include <qnet/qnet.h>\n")
	for _, f := range m.Functions {
		if !namesValues(f) {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n{\n\tswitch ((int)%s) {\n", f.Prototype(), f.Params[0].Name)
		seen := map[int]bool{}
		for _, e := range m.Enums {
			if e.Name != f.Params[0].Type.Base {
				continue
			}
			for _, v := range e.Constants {
				if !seen[v.Value] { // a second name of a value
					fmt.Fprintf(&b, "\tcase %s:\n\t\treturn \"%s\";\n", v.Name, v.Name)
				}
				seen[v.Value] = true
			}
		}
		b.WriteString("\tdefault:\n\t\treturn \"unknown\";\n\t}\n}\n")
	}
	return b.Bytes(), nil
}

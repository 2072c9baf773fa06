package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"qnet/capi/internal/header"
)

const misuseHead = `
/*
 * Calls with one argument that is wrong, for tests/misuse.c, which includes this
 * file and provides the good arguments: live (one handle of each kind), text,
 * memory, and a struct of each type by its name. Each call returns whether the
 * result was the function's failure value; a function without a result returns
 * true.
 */
`

// misuseTable writes one call per handle parameter, which takes the handle, and
// one per other pointer parameter, which is NULL in it.
func misuseTable(m *header.Model) ([]byte, error) {
	w := &misuseWriter{idle: make(map[string]bool)}
	for _, f := range m.Functions {
		for i, p := range f.Params {
			switch {
			case p.Type.Kind == header.Handle:
				w.handleCase(f, i)
			case p.Type.IsAddress() && p.Name != "user_data":
				w.nullCase(f, i)
			}
		}
	}
	w.WriteString(cNotice + misuseHead)
	w.kinds(m)
	for _, f := range m.Callbacks {
		if w.idle[f.Name] {
			w.callback(f)
		}
	}
	w.Write(w.calls.Bytes())
	w.table("handle_cases", &w.handles)
	w.table("null_cases", &w.nulls)
	return w.Bytes(), nil
}

// misuseWriter collects the rows of both tables, and the types of the callbacks
// that are needed, while the calls are written.
type misuseWriter struct {
	bytes.Buffer
	calls          bytes.Buffer
	handles, nulls bytes.Buffer
	idle           map[string]bool
}

// kindOf names the enumerator of a type of handle.
func kindOf(base string) string {
	return "KIND_" + strings.ToUpper(strings.TrimPrefix(base, "qnet_"))
}

func (w *misuseWriter) kinds(m *header.Model) {
	w.WriteString("\nenum kind {\n")
	for _, t := range m.Handles {
		fmt.Fprintf(w, "\t%s,\n", kindOf(t.Name))
	}
	w.WriteString("\tKIND_COUNT\n};\n\nstatic const char *const kind_names[KIND_COUNT] = {\n")
	for _, t := range m.Handles {
		fmt.Fprintf(w, "\t[%s] = \"%s\",\n", kindOf(t.Name), t.Name)
	}
	w.WriteString("};\n\nstatic void *live[KIND_COUNT];\n")
}

// callback writes a function of a callback's type that does nothing.
func (w *misuseWriter) callback(f *header.Func) {
	idle := *f
	idle.Name = "idle_" + f.Name
	fmt.Fprintf(w, "\nstatic %s\n{\n", idle.Prototype())
	for _, p := range f.Params {
		fmt.Fprintf(w, "\t(void)%s;\n", p.Name)
	}
	if value := failure(f); value != "" {
		fmt.Fprintf(w, "\treturn %s;\n", value)
	}
	w.WriteString("}\n")
}

func (w *misuseWriter) handleCase(f *header.Func, at int) {
	p := f.Params[at]
	name := fmt.Sprintf("handle_%s_%s", f.Name, p.Name)
	w.call(f, at, name, "void *handle", "handle")
	fmt.Fprintf(&w.handles, "\t{ \"%s\", \"%s\", %s, %s },\n", f.Name, p.Name, kindOf(p.Type.Base), name)
}

func (w *misuseWriter) nullCase(f *header.Func, at int) {
	p := f.Params[at]
	name := fmt.Sprintf("null_%s_%s", f.Name, p.Name)
	w.call(f, at, name, "void", "NULL")
	fmt.Fprintf(&w.nulls, "\t{ \"%s\", \"%s\", %s },\n", f.Name, p.Name, name)
}

// valueOfTLS finds the types of handle that belong to whoever has one.
var valueOfTLS = regexp.MustCompile(`^qnet_(ssl|ocsp)_`)

// call writes a C function that calls f with bad in place of one argument.
func (w *misuseWriter) call(f *header.Func, at int, name, param, bad string) {
	args := make([]string, len(f.Params))
	for i, p := range f.Params {
		if i == at {
			args[i] = bad
			continue
		}
		args[i] = goodArgument(p)
		if p.Type.Kind == header.Callback {
			w.idle[p.Type.Base] = true
		}
	}
	call := fmt.Sprintf("%s(%s)", f.Name, strings.Join(args, ", "))
	fmt.Fprintf(&w.calls, "\nstatic bool %s(%s)\n{\n", name, param)
	value := failure(f)
	switch {
	case f.Return.Kind == header.Handle && valueOfTLS.MatchString(f.Return.Base):
		// It is nobody else's.
		fmt.Fprintf(&w.calls, "\t%s = %s;\n\n\tif (result == NULL)\n\t\treturn true;\n\t%s_delete(result);\n\treturn false;\n}\n",
			f.Return.Declare("result"), call, f.Return.Base)
	case value != "":
		fmt.Fprintf(&w.calls, "\treturn %s == %s;\n}\n", call, value)
	default:
		fmt.Fprintf(&w.calls, "\t%s;\n\treturn true;\n}\n", call)
	}
}

// goodArgument returns an argument with which a call fails for no other reason,
// as far as the type tells, and never blocks.
func goodArgument(p header.Param) string {
	t := p.Type
	switch t.Kind {
	case header.Handle:
		return "live[" + kindOf(t.Base) + "]"
	case header.Callback:
		return "idle_" + t.Base
	case header.Text:
		return "text"
	case header.Struct:
		return "&" + strings.TrimPrefix(t.Base, "qnet_")
	case header.Pointer:
		if p.Name == "user_data" {
			return "NULL"
		}
		return "memory"
	case header.EnumType:
		return fmt.Sprintf("(%s)0", t.Base)
	}
	switch t.Base {
	case "bool":
		return "true"
	case "char":
		return "'x'"
	case "int64_t", "size_t":
		return "4"
	case "intptr_t":
		return "-1"
	}
	return "0"
}

func (w *misuseWriter) table(name string, rows *bytes.Buffer) {
	fmt.Fprintf(w, "\nstatic const struct %s {\n", strings.TrimSuffix(name, "s"))
	w.WriteString("\tconst char *function, *parameter;\n")
	if name == "handle_cases" {
		w.WriteString("\tenum kind kind;\n\tbool (*call)(void *handle);\n")
	} else {
		w.WriteString("\tbool (*call)(void);\n")
	}
	fmt.Fprintf(w, "} %s[] = {\n%s};\n", name, rows.Bytes())
}

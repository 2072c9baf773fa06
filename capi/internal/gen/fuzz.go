package main

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"qnet/capi/internal/header"
)

const fuzzHead = `
/*
 * Every function of the API as an instruction of tests/fuzz/fuzz_api.c, which
 * includes this file and provides what is called here: pick_* for arguments, and
 * what is done with results. A new function is one more instruction; only a new
 * struct needs a pick_* function.
 */
`

// guardedCalls are made by functions of the fuzzer's own: what they do otherwise
// would be no finding.
var guardedCalls = map[string]string{
	"qnet_set_message_handler": "keep_message_handler", // which looks for internal errors
	"qnet_loop_exec":           "exec_for_a_while",
	"qnet_timer_single_shot":   "shoot_soon",
}

// fuzzedFiles are the functions that read certificates and keys: of chance nothing would be
// one.
var fuzzedFiles = regexp.MustCompile(`^qnet_ssl_(certificate|key)_`)

// fuzzTable writes one instruction for each function, a callback of each type,
// and how handles are deleted and watched.
func fuzzTable(m *header.Model) ([]byte, error) {
	w := &fuzzWriter{watched: make(map[string]bool), deleted: make(map[string]bool)}
	for _, f := range m.Functions {
		if base, ok := strings.CutSuffix(f.Name, "_on_destroyed"); ok {
			w.watched[base] = true
		}
		if base, ok := strings.CutSuffix(f.Name, "_delete"); ok {
			w.deleted[base] = true
		}
	}
	w.WriteString(cNotice + fuzzHead)
	w.kinds(m)
	for _, f := range m.Callbacks {
		if f.Name != "qnet_message_handler" {
			w.callback(f)
		}
	}
	w.lifetime(m)
	for _, f := range m.Functions {
		w.instruction(f)
	}
	w.table(m)
	return w.Bytes(), nil
}

type fuzzWriter struct {
	bytes.Buffer
	watched map[string]bool // the types of handle that have a signal destroyed
	deleted map[string]bool // those that programs delete: others hold during a callback
}

func (w *fuzzWriter) kinds(m *header.Model) {
	w.WriteString("\nenum kind {\n")
	for _, t := range m.Handles {
		fmt.Fprintf(w, "\t%s,\n", kindOf(t.Name))
	}
	w.WriteString("\tKIND_COUNT\n};\n\nstatic const bool kind_is_watched[KIND_COUNT] = {\n")
	for _, t := range m.Handles {
		if w.watched[t.Name] {
			fmt.Fprintf(w, "\t[%s] = true,\n", kindOf(t.Name))
		}
	}
	w.WriteString("};\n\n#include \"fuzz_pick.h\"\n")
}

// callback writes a function of a callback's type that runs a script.
func (w *fuzzWriter) callback(f *header.Func) {
	fire := *f
	fire.Name = "fire_" + f.Name
	kind, handle, descriptor := "KIND_COUNT", "NULL", ""
	room, lent := "", ""
	before, after := "", ""
	for _, p := range f.Params {
		switch {
		case p.Type.Kind == header.Handle && !w.deleted[p.Type.Base]:
			lent = p.Name
			before += fmt.Sprintf("\tkeep(%s, %s);\n", kindOf(p.Type.Base), p.Name)
			after += fmt.Sprintf("\tgone(%s, %s);\n", kindOf(p.Type.Base), p.Name)
		case p.Type.Kind == header.Handle && handle == "NULL":
			kind, handle = kindOf(p.Type.Base), p.Name
		case p.Type.Kind == header.Struct && !p.Type.Const:
			room = p.Name
			after += fmt.Sprintf("\treturn fill_%s(&call.input, %s, max);\n", strings.TrimPrefix(p.Type.Base, "qnet_"), p.Name)
		case p.Type.Base == "intptr_t" && !p.Type.Pointer && !watches(f):
			descriptor = p.Name
		}
	}
	fmt.Fprintf(w, "\nstatic %s\n{\n\tstruct call call;\n\n", fire.Prototype())
	for _, p := range f.Params {
		if !slices.Contains([]string{handle, descriptor, lent, room, "user_data"}, p.Name) && !(room != "" && p.Name == "max") {
			fmt.Fprintf(w, "\t(void)%s;\n", p.Name)
		}
	}
	fmt.Fprintf(w, "\tenter(&call, %s, %s, user_data);\n", kind, handle)
	if descriptor != "" {
		fmt.Fprintf(w, "\tgiven(&call, %s);\n", descriptor)
	}
	w.WriteString(before)
	switch {
	case f.Return.Kind == header.Handle:
		fmt.Fprintf(w, "\tleave(&call);\n\treturn pick_handle(&call.input, %s);\n}\n", kindOf(f.Return.Base))
	case f.Return.Base == "bool":
		w.WriteString("\tleave(&call);\n\treturn pick_bool(&call.input);\n}\n")
	default:
		w.WriteString("\tleave(&call);\n" + after + "}\n")
	}
}

// watches reports whether a descriptor that a function, or a callback, is given stays its owner's.
func watches(f *header.Func) bool { return strings.HasPrefix(f.Name, "qnet_notifier_") }

// lifetime writes how handles are deleted, and how their end is told.
func (w *fuzzWriter) lifetime(m *header.Model) {
	for _, t := range m.Handles {
		if w.watched[t.Name] {
			fmt.Fprintf(w, "\nstatic void destroyed_%s(%s *handle, void *user_data)\n{\n\tdestroyed(handle, user_data);\n}\n", t.Name, t.Name)
		}
	}
	w.WriteString("\nstatic bool watch(enum kind kind, void *handle, void *user_data)\n{\n\tswitch (kind) {\n")
	for _, t := range m.Handles {
		if w.watched[t.Name] {
			fmt.Fprintf(w, "\tcase %s:\n\t\treturn %s_on_destroyed(handle, destroyed_%s, user_data) != 0;\n", kindOf(t.Name), t.Name, t.Name)
		}
	}
	w.WriteString("\tdefault:\n\t\treturn true;\n\t}\n}\n")
	w.WriteString("\nstatic void delete_handle(enum kind kind, void *handle)\n{\n\tswitch (kind) {\n")
	for _, t := range m.Handles {
		if !w.deleted[t.Name] {
			continue
		}
		fmt.Fprintf(w, "\tcase %s:\n\t\t%s_delete(handle);\n\t\tbreak;\n", kindOf(t.Name), t.Name)
	}
	w.WriteString("\tdefault:\n\t\tbreak;\n\t}\n}\n")
}

func (w *fuzzWriter) instruction(f *header.Func) {
	fmt.Fprintf(w, "\nstatic void fuzz_%s(struct input *in)\n{\n", f.Name)
	var args []string
	a := fuzzArguments{f: f, first: "NULL"}
	after := ""
	for _, p := range f.Params {
		fmt.Fprintf(w, "\t%s = %s;\n", local(p), a.value(p))
		args = append(args, p.Name)
		switch {
		case p.Type.Kind == header.Handles && !p.Type.Const && a.counted(p):
			after += fmt.Sprintf("\tkeep_all(%s, (void **)%s, result < max ? result : max);\n", kindOf(p.Type.Base), p.Name)
		case p.Type.Kind == header.Handles && !p.Type.Const:
			after += fmt.Sprintf("\tkeep_all(%s, (void **)%s, result < 0 ? 0 : 1);\n", kindOf(p.Type.Base), p.Name)
		case p.Type.Base == "intptr_t" && !p.Type.Pointer && watches(f):
			after += "\tsettle(in, 0);\n"
		case p.Type.Base == "intptr_t" && !p.Type.Pointer && p.Name != "file":
			after += "\tsettle(in, (intptr_t)result);\n"
		case p.Type.Kind == header.Pointer && p.Type.Base == "intptr_t" && p.Name == "descriptors" && !p.Type.Const:
			after += fmt.Sprintf("\tclose_taken(%s, result);\n", p.Name)
		case p.Type.Kind == header.Pointer && !p.Type.Const && f.Return.String() == "int64_t" && p.Name == "data":
			after += "\tcheck_room(in, result);\n"
		case p.Type.Kind == header.Handle && f.Name == p.Type.Base+"_delete" && !w.watched[p.Type.Base]:
			after += fmt.Sprintf("\tgone(%s, %s);\n", kindOf(p.Type.Base), p.Name)
		}
	}
	switch {
	case f.Return.Base == "int64_t" && !strings.HasSuffix(f.Name, "_date"):
		after += "\tcheck_count(result);\n"
	case f.Return.Kind == header.Handle:
		after += fmt.Sprintf("\tkeep(%s, result);\n", kindOf(f.Return.Base))
	case f.Name == "qnet_socket_peek_buffer":
		// No text, and another thread may take it away.
		after += "\t(void)result;\n"
	case f.Return.Kind == header.Text:
		after += "\tlook_at(result);\n"
	case f.Return.Base == "qnet_connection":
		after += "\tremember(result);\n"
	}
	name := f.Name
	if own, ok := guardedCalls[name]; ok {
		name = own
	}
	if len(f.Params) == 0 {
		w.WriteString("\t(void)in;\n")
	}
	w.WriteString("\n\t")
	if f.Return.Kind != header.Void && after != "" {
		w.WriteString(f.Return.Declare("result") + " = ")
	}
	fmt.Fprintf(w, "%s(%s);\n%s}\n", name, strings.Join(args, ", "), after)
}

// local declares a variable for an argument.
func local(p header.Param) string {
	t := p.Type
	t.Pointer = t.Pointer || t.Array > 0
	t.Array = 0
	if t.Kind == header.Callback {
		t.Pointer = false
	}
	return t.Declare(p.Name)
}

// fuzzArguments writes where the arguments of a call come from.
type fuzzArguments struct {
	f      *header.Func
	first  string // the first handle
	memory bool   // whether there was a pointer that a size may go with
}

// counted reports whether the number of a list's elements is an argument: it is but one
// otherwise.
func (a *fuzzArguments) counted(p header.Param) bool {
	i := slices.Index(a.f.Params, p)
	return i+1 < len(a.f.Params) && a.f.Params[i+1].Name == "max"
}

func (a *fuzzArguments) value(p header.Param) string {
	t := p.Type
	switch t.Kind {
	case header.Handle:
		if a.first == "NULL" {
			a.first = p.Name
		}
		return fmt.Sprintf("pick_handle(in, %s)", kindOf(t.Base))
	case header.Handles:
		a.memory = true
		switch {
		case t.Const:
			return fmt.Sprintf("pick_handles(in, %s)", kindOf(t.Base))
		case a.counted(p):
			return "pick_array(in, sizeof(void *), 0)"
		}
		return "pick_array(in, sizeof(void *), 1)"
	case header.Callback:
		if t.Base == "qnet_message_handler" {
			return "NULL"
		}
		return fmt.Sprintf("pick_null(in) ? NULL : fire_%s", t.Base)
	case header.Text:
		return fmt.Sprintf("pick_text(in, %q, %q)", a.f.Name, p.Name)
	case header.Struct:
		a.memory = true
		return fmt.Sprintf("pick_%s(in)", strings.TrimPrefix(t.Base, "qnet_"))
	case header.EnumType:
		return fmt.Sprintf("(%s)pick_number(in)", t.Base)
	case header.Pointer:
		switch {
		case p.Name == "user_data" && strings.HasSuffix(a.f.Name, "_on_destroyed"):
			return fmt.Sprintf("pick_last_script(in, %s)", a.first)
		case p.Name == "user_data":
			return fmt.Sprintf("pick_script(in, %s)", a.first)
		case p.Name == "owner":
			return "pick_any_handle(in)"
		}
		a.memory = true
		if t.Array > 0 {
			return fmt.Sprintf("pick_array(in, sizeof(%s), %d)", t.Base, t.Array)
		}
		if p.Name == "descriptors" && t.Const {
			return "pick_descriptors(in)"
		}
		if p.Name == "data" && fuzzedFiles.MatchString(a.f.Name) {
			return "pick_file(in)"
		}
		size := "1"
		if t.Base != "void" {
			size = fmt.Sprintf("sizeof(%s)", t.Base)
		}
		return fmt.Sprintf("pick_array(in, %s, 0)", size)
	}
	switch {
	case p.Name == "msec":
		return "pick_msec(in)"
	case p.Name == "port":
		return "pick_port(in)"
	case t.Base == "bool":
		return "pick_bool(in)"
	case t.Base == "qnet_connection":
		return "pick_connection(in)"
	case t.Base == "intptr_t" && p.Name == "file":
		return "pick_open_file(in)"
	case t.Base == "intptr_t":
		return "pick_descriptor(in)"
	case a.memory && t.Base == "size_t":
		return "(size_t)pick_length(in)"
	case a.memory && slices.Contains([]string{"size", "max_size", "count", "max"}, p.Name):
		return fmt.Sprintf("(%s)pick_size(in)", t.Base)
	}
	return fmt.Sprintf("(%s)pick_number(in)", t.Base)
}

// table lists the instructions by a hash of their names: a function that is added
// changes what few programs mean.
func (w *fuzzWriter) table(m *header.Model) {
	functions := slices.Clone(m.Functions)
	slices.SortFunc(functions, func(f, g *header.Func) int {
		return cmp.Or(cmp.Compare(hash(f.Name), hash(g.Name)), cmp.Compare(f.Name, g.Name))
	})
	w.WriteString("\nstatic const struct instruction {\n\tuint16_t code;\n\tconst char *name;\n\tvoid (*run)(struct input *in);\n} instructions[] = {\n")
	for _, f := range functions {
		fmt.Fprintf(w, "\t{ 0x%04x, \"%s\", fuzz_%s },\n", hash(f.Name), f.Name, f.Name)
	}
	w.WriteString("};\n")
}

func hash(name string) uint16 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return uint16(h.Sum32()>>16 ^ h.Sum32())
}

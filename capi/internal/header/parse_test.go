package header

import (
	"reflect"
	"strings"
	"testing"
)

const sample = `/**
 * @file sample.h
 * The file's own comment is nobody's documentation.
 */
#ifndef QNET_SAMPLE_H
#define QNET_SAMPLE_H

#include <stdbool.h>

/** Two versions. */
#define QNET_MAJOR 0
#define QNET_MINOR 1

#define QNET_BARE 2
/** Marks. */
#define QNET_API extern
/** Continued. */
#define QNET_CHECK(a, b) \
	((a) << 8 | (b))

#ifdef __cplusplus
extern "C" {
#endif

/** A thing. */
typedef struct qnet_thing qnet_thing;
/** A number. */
typedef uint64_t qnet_number;

/** Colours. */
typedef enum qnet_colour {
	QNET_RED = 0,
	/** Half of what one sees. */
	QNET_GREEN = 0xff,
	QNET_NONE = -1
} qnet_colour;

/** Plain. */
typedef struct qnet_plain {
	/** One. */
	qnet_colour colour;
	char name[32];
} qnet_plain;

/** Called. */
typedef qnet_thing *(*qnet_callback)(qnet_thing *thing, qnet_colour colour, void *user_data);

/** Plainest. */
QNET_API const qnet_plain qnet_plainest;

/* ------- a plain comment -------- */

/**
 * Does it with @p data:
 *   indented.
 *
 * Qt: QThing::doIt()
 */
QNET_API const char *qnet_thing_do(qnet_thing *thing, const void *data, const qnet_plain *plain,
	uint8_t bytes[16], qnet_callback callback, qnet_number number); // and a comment

/** Lost: a blank line follows. */

QNET_API void qnet_reset(void);

#ifdef __cplusplus
}
#endif

#endif
`

func parseSample(t *testing.T) *Model {
	t.Helper()
	m, err := Parse(map[string]string{"sample.h": sample})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParseFunctions(t *testing.T) {
	m := parseSample(t)
	if len(m.Functions) != 2 {
		t.Fatalf("%d functions, want 2", len(m.Functions))
	}
	f := m.Functions[0]
	const prototype = "const char *qnet_thing_do(qnet_thing *thing, const void *data, " +
		"const qnet_plain *plain, uint8_t bytes[16], qnet_callback callback, qnet_number number)"
	if got := f.Prototype(); got != prototype {
		t.Errorf("got  %s\nwant %s", got, prototype)
	}
	if want := "Does it with @p data:\n  indented.\n\nQt: QThing::doIt()"; f.Doc != want {
		t.Errorf("doc = %q, want %q", f.Doc, want)
	}
	if want := (Pos{"sample.h", 59}); f.Pos != want {
		t.Errorf("at %v, want %v", f.Pos, want)
	}
	var kinds []Kind
	for _, p := range f.Params {
		kinds = append(kinds, p.Type.Kind)
	}
	if want := []Kind{Handle, Pointer, Struct, Pointer, Callback, Scalar}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("kinds = %v, want %v", kinds, want)
	}
	if f.Return.Kind != Text {
		t.Errorf("returns kind %v", f.Return.Kind)
	}
	if f := m.Functions[1]; f.Prototype() != "void qnet_reset(void)" || f.Doc != "" {
		t.Errorf("got %s, documented as %q", f.Prototype(), f.Doc)
	}
}

func TestParseLists(t *testing.T) {
	const prototype = "int qnet_b(qnet_a *const *all, int count, qnet_a **found, int max)"
	m, err := Parse(map[string]string{"a.h": "typedef struct qnet_a qnet_a;\nQNET_API " + prototype + ";"})
	if err != nil {
		t.Fatal(err)
	}
	f := m.Functions[0]
	if got := f.Prototype(); got != prototype {
		t.Errorf("%s", got)
	}
	for i, isConst := range map[int]bool{0: true, 2: false} {
		if p := f.Params[i].Type; p.Kind != Handles || p.Const != isConst || !p.IsAddress() || p.Base != "qnet_a" {
			t.Errorf("%s: %+v", f.Params[i].Name, p)
		}
	}
}

func TestParseTypes(t *testing.T) {
	m := parseSample(t)
	if len(m.Handles) != 1 || m.Handles[0].Name != "qnet_thing" || m.Handles[0].Doc != "A thing." {
		t.Errorf("handles: %+v", m.Handles)
	}
	if len(m.Scalars) != 1 || m.Scalars[0].Name != "qnet_number" || m.Scalars[0].Base != "uint64_t" {
		t.Errorf("scalars: %+v", m.Scalars)
	}
	if len(m.Callbacks) != 1 || m.Callbacks[0].Return.Kind != Handle || len(m.Callbacks[0].Params) != 3 {
		t.Errorf("callbacks: %+v", m.Callbacks)
	}
	if len(m.Enums) != 1 || m.Enums[0].Doc != "Colours." {
		t.Fatalf("enums: %+v", m.Enums)
	}
	values := make(map[string]int)
	for _, c := range m.Enums[0].Constants {
		values[c.Name] = c.Value
	}
	if want := map[string]int{"QNET_RED": 0, "QNET_GREEN": 255, "QNET_NONE": -1}; !reflect.DeepEqual(values, want) {
		t.Errorf("values = %v, want %v", values, want)
	}
	if len(m.Records) != 1 || len(m.Records[0].Fields) != 2 {
		t.Fatalf("records: %+v", m.Records)
	}
	if f := m.Records[0].Fields[1]; f.Name != "name" || f.Type.Array != 32 || f.Type.Base != "char" {
		t.Errorf("field: %+v", f)
	}
	if got, want := m.Symbols(), []string{"qnet_thing_do", "qnet_reset", "qnet_plainest"}; !reflect.DeepEqual(got, want) {
		t.Errorf("symbols = %v, want %v", got, want)
	}
}

func TestParseMacros(t *testing.T) {
	want := []Macro{
		{Pos{"sample.h", 11}, "QNET_MAJOR", false, "0", "Two versions."},
		{Pos{"sample.h", 12}, "QNET_MINOR", false, "1", "Two versions."},
		{Pos{"sample.h", 14}, "QNET_BARE", false, "2", ""},
		{Pos{"sample.h", 16}, "QNET_API", false, "extern", "Marks."},
		{Pos{"sample.h", 18}, "QNET_CHECK", true, "((a) << 8 | (b))", "Continued."},
	}
	m := parseSample(t)
	if len(m.Macros) != len(want) {
		t.Fatalf("%d macros, want %d", len(m.Macros), len(want))
	}
	for i := range want {
		if *m.Macros[i] != want[i] {
			t.Errorf("got %+v, want %+v", *m.Macros[i], want[i])
		}
	}
}

// TestParseErrors gives declarations that are wrong or not understood: each is
// an error that names the file and the line.
func TestParseErrors(t *testing.T) {
	tests := []struct{ source, message string }{
		{"QNET_API void qnet_a(void)", `";" expected, found the end of the file`},
		{"QNET_API void qnet_a();", "name expected"},
		{"QNET_API void qnet_a(int);", "name expected"},
		{"QNET_API unsigned int qnet_a(void);", `"(" expected`},
		{"QNET_API char **qnet_a(void);", "no handle"},
		{"typedef struct qnet_a qnet_a;\nQNET_API void qnet_b(qnet_a ***a);", "name expected"},
		{"typedef struct qnet_a qnet_a;\nQNET_API void qnet_b(qnet_a *const a);", `"*" expected`},
		{"typedef struct qnet_a qnet_a;\nQNET_API void qnet_b(const qnet_a **a);", "list of const"},
		{"QNET_API void qnet_a(int x, ...);", "unexpected character '.'"},
		{"QNET_API void qnet_a(long x);", "unknown type long"},
		{"QNET_API qnet_b *qnet_a(void);", "unknown type qnet_b"},
		{"QNET_API void qnet_a(void x);", "by value"},
		{"QNET_API void qnet_a(int x, int x);", "two parameters x"},
		{"QNET_API void a(void);", "does not start with qnet_"},
		{"QNET_API void qnet_a(void);\nQNET_API void qnet_a(void);", "declared at a.h:1 already"},
		{"QNET_API int qnet_a;", "must be constant"},
		{"QNET_API void qnet_a(int x[0]);", "array of 0 elements"},
		{"void qnet_a(void);", "declaration expected"},
		{"extern int qnet_a;", "declaration expected"},
		{"typedef struct qnet_a qnet_b;", "qnet_b is tagged qnet_a"},
		{"typedef struct qnet_a qnet_a;\nQNET_API void qnet_b(qnet_a a);", "not a handle"},
		{"typedef struct qnet_a qnet_a;\nQNET_API void qnet_b(const qnet_a *a);", "not a handle"},
		{"typedef struct qnet_a { int x; } qnet_a;\nQNET_API qnet_a qnet_b(void);", "by value"},
		{"typedef struct qnet_a { int x; } qnet_a;\nQNET_API void qnet_b(qnet_a a);", "by value"},
		{"typedef float qnet_a;", "no integer type"},
		{"typedef const char qnet_a;", "not understood"},
		{"typedef enum qnet_a { QNET_A } qnet_a;", `"=" expected`},
		{"typedef enum qnet_a { QNET_A = QNET_B } qnet_a;", "number expected"},
		{"typedef enum qnet_a { A = 1 } qnet_a;", "does not start with QNET_"},
		{"#if 1\n#endif", "#if is not understood"},
		{"#ifdef __cplusplus\n", "without #endif"},
		{"/** never closed", "unterminated comment"},
	}
	for _, test := range tests {
		_, err := Parse(map[string]string{"a.h": test.source})
		if err == nil {
			t.Errorf("%q is accepted", test.source)
			continue
		}
		if !strings.HasPrefix(err.Error(), "a.h:") || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%q: got the error %q, want %q", test.source, err, test.message)
		}
	}
}

// TestErrorNamesTheLine also has a continued comment and macro above the line,
// which must be counted.
func TestErrorNamesTheLine(t *testing.T) {
	_, err := Parse(map[string]string{"a.h": "/*\n *\n */\n#define QNET_A \\\n\t1\n\nQNET_API void qnet_a(int *);\n"})
	if err == nil || !strings.HasPrefix(err.Error(), "a.h:7: ") {
		t.Errorf("got the error %v, want it at a.h:7", err)
	}
}

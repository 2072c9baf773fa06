package main

import (
	"strings"
	"testing"

	"qnet/capi/internal/header"
)

// TestCurrent fails if a header was changed and the generator not run.
func TestCurrent(t *testing.T) {
	if err := run(true); err != nil {
		t.Error(err)
	}
}

const sample = `
typedef struct qnet_thing qnet_thing;
typedef uint64_t qnet_number;
typedef enum qnet_error {
	QNET_UNKNOWN_SOCKET_ERROR = -1
} qnet_error;
typedef enum qnet_colour {
	QNET_RED = 0
} qnet_colour;
typedef void (*qnet_callback)(qnet_thing *thing, void *user_data);
/** Lends. */
typedef struct qnet_loan qnet_loan;
/** Called with what is lent. */
typedef void (*qnet_loan_callback)(qnet_thing *thing, qnet_loan *loan, void *user_data);
QNET_API qnet_number qnet_on(qnet_thing *thing, qnet_callback callback, void *user_data);
QNET_API const char *qnet_all(qnet_thing *thing, int64_t *size);
QNET_API const char *qnet_name(qnet_thing *thing);
QNET_API void qnet_thing_delete(qnet_thing *thing);
QNET_API qnet_error qnet_last(qnet_thing *thing, qnet_colour colour);
QNET_API qnet_colour qnet_get(uint8_t bytes[16]);
QNET_API void qnet_reset(void);
QNET_API intptr_t qnet_fd(void);
QNET_API int qnet_chain(qnet_thing *const *things, int count, qnet_thing **one, qnet_thing **others, int max);
`

func parseSample(t *testing.T) *header.Model {
	t.Helper()
	m, err := header.Parse(map[string]string{"sample.h": sample})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// contains checks that generated text has each of the parts.
func contains(t *testing.T, text []byte, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(string(text), part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

func TestStubs(t *testing.T) {
	text, err := stubs(parseSample(t))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text,
		"DO NOT EDIT",
		"qnet_number qnet_on(qnet_thing *thing, qnet_callback callback, void *user_data)\n{\n"+
			"\tif (qnetc_refused(\"qnet_on\"))\n\t\treturn 0;\n"+
			"\tif (__builtin_expect(qnetc_tracing, false))\n"+
			"\t\tqnetc_trace(\"call qnet_on thing=0x%llx callback=0x%llx user_data=0x%llx\", (unsigned long long)(uintptr_t)thing, "+
			"(unsigned long long)(uintptr_t)callback, (unsigned long long)(uintptr_t)user_data);\n"+
			"\tqnet_number result = qnetgo_on((uintptr_t)thing, (uintptr_t)callback, (uintptr_t)user_data);\n"+
			"\tif (__builtin_expect(qnetc_tracing, false))\n\t\tqnetc_trace(\"return qnet_on %lld\", (long long)result);\n\treturn result;\n}\n",
		"return NULL;\n", "\tconst char *result = (const char *)qnetgo_all((uintptr_t)thing, (uintptr_t)size);",
		"return QNET_UNKNOWN_SOCKET_ERROR;\n", "\tqnet_error result = (qnet_error)qnetgo_last((uintptr_t)thing, (int)colour);",
		"return (qnet_colour)0;\n", "\tqnet_colour result = (qnet_colour)qnetgo_get((uintptr_t)bytes);",
		"return;\n", "\tqnetgo_reset();\n}",
		"return -1;\n", "\tintptr_t result = qnetgo_fd();",
		"qnetgo_chain((uintptr_t)things, count, (uintptr_t)one, (uintptr_t)others, max);")
}

func TestExports(t *testing.T) {
	text, err := exports(parseSample(t))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text, "QNET_0 {\nglobal:\n\tqnet_on;\n\tqnet_all;\n", "\tqnet_fd;\n\tqnet_chain;\nlocal:\n\t*;\n};\n")
}

func TestPython(t *testing.T) {
	text, err := python(parseSample(t))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text,
		"QNET_UNKNOWN_SOCKET_ERROR = -1\n",
		"qnet_callback = CFUNCTYPE(None, c_void_p, c_void_p)\n",
		`"qnet_on": (c_uint64, c_void_p, qnet_callback, c_void_p),`,
		`"qnet_all": (c_void_p, c_void_p, POINTER(c_int64)),`,
		`"qnet_name": (c_char_p, c_void_p),`,
		`"qnet_get": (c_int, POINTER(c_uint8)),`,
		`"qnet_reset": (None,),`,
		`"qnet_chain": (c_int, POINTER(c_void_p), c_int, POINTER(c_void_p), POINTER(c_void_p), c_int),`)
}

func TestMisuseTable(t *testing.T) {
	text, err := misuseTable(parseSample(t))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text,
		"return qnet_on(handle, idle_qnet_callback, NULL) == 0;",
		"return qnet_on(live[KIND_THING], NULL, NULL) == 0;",
		"return qnet_last(handle, (qnet_colour)0) == QNET_UNKNOWN_SOCKET_ERROR;",
		`{ "qnet_all", "size", null_qnet_all_size },`,
		`{ "qnet_chain", "others", null_qnet_chain_others },`)
}

func TestFuzzTable(t *testing.T) {
	text, err := fuzzTable(parseSample(t))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text,
		"static void fire_qnet_callback(qnet_thing *thing, void *user_data)\n{\n\tstruct call call;\n\n"+
			"\tenter(&call, KIND_THING, thing, user_data);\n\tleave(&call);\n}\n",
		"\tenter(&call, KIND_THING, thing, user_data);\n\tkeep(KIND_LOAN, loan);\n\tleave(&call);\n\tgone(KIND_LOAN, loan);\n}\n",
		"\tqnet_thing *thing = pick_handle(in, KIND_THING);\n"+
			"\tqnet_callback callback = pick_null(in) ? NULL : fire_qnet_callback;\n"+
			"\tvoid *user_data = pick_script(in, thing);\n\n"+
			"\tqnet_on(thing, callback, user_data);\n}\n",
		"\tint64_t *size = pick_array(in, sizeof(int64_t), 0);\n",
		"\tqnet_colour colour = (qnet_colour)pick_number(in);\n",
		"\tuint8_t *bytes = pick_array(in, sizeof(uint8_t), 16);\n",
		"\tqnet_thing *const *things = pick_handles(in, KIND_THING);\n\tint count = (int)pick_size(in);\n"+
			"\tqnet_thing **one = pick_array(in, sizeof(void *), 1);\n\tqnet_thing **others = pick_array(in, sizeof(void *), 0);\n",
		"\tkeep_all(KIND_THING, (void **)one, result < 0 ? 0 : 1);\n\tkeep_all(KIND_THING, (void **)others, result < max ? result : max);\n",
		"static void fuzz_qnet_reset(struct input *in)\n{\n\t(void)in;\n\n\tqnet_reset();\n}\n")
}

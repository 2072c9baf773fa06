/*
 * What the package does for each message, in C instead of through ctypes. It is used where it could be built and loaded, and
 * otherwise the package does the same without: what differs from what is usual goes to Python's functions.
 *
 * It knows the library by addresses that the package hands over, so it is not linked with it.
 */
#include "stable_abi.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Messages that are no longer are read in one step. */
#define SHORT 4096

/* A function of the library. */
static struct {
	int64_t (*read)(void *socket, char *data, int64_t size);
	const char *(*read_all)(void *socket, int64_t *size);
	int64_t (*write)(void *socket, const char *data, int64_t size);
} library;

/* Things of the package, which live as long as the process. */
static struct {
	PyObject *references; /* handle -> what gives the object: mostly a weakref.ref */
	PyObject *weak;       /* weakref.ref */
	PyObject *report;     /* for an exception that must not cross the library */
	PyObject *bytes;      /* the class of what is read */
	PyObject *empty;      /* one of no length */
} package;

/* Attributes of an object and of a slot. */
static PyObject *slots_name, *bare_name, *own_name, *call_name;

/* ---- Signals ---- */

/* A signal of a class, which has no arguments: what the library gives to emitted(). */
struct signal {
	PyObject *name;  /* None if all is left to thunk */
	PyObject *thunk; /* does the same in Python, in all cases */
};

/* Returns the object of a handle, a new reference; NULL, also with an exception, if a weak reference does not give it. */
static PyObject *find(void *handle)
{
	PyObject *key = PyLong_FromVoidPtr(handle);
	if (!key)
		return NULL;
	PyObject *reference = PyDict_GetItemWithError(package.references, key);
	Py_DecRef(key);
	if (!reference)
		return NULL;
	Py_IncRef(reference);
	PyObject *type = PyObject_Type(reference), *found = NULL;
	if (type == package.weak)
		found = PyObject_CallObject(reference, NULL);
	Py_DecRef(type);
	Py_DecRef(reference);
	if (found != Py_None)
		return found;
	Py_DecRef(found);
	return NULL;
}

/* Is an attribute true? Not if there is none. */
static bool is_true(PyObject *object, PyObject *name)
{
	PyObject *value = PyObject_GetAttr(object, name);
	bool is = value && PyObject_IsTrue(value) == 1;
	Py_DecRef(value);
	return is;
}

/* Returns the function of the only slot of a signal, a new reference, and whether it is given the sender. NULL, also with an
 * exception, if there is not just one, or if anything is to be looked at before it is called. */
static PyObject *only_slot(PyObject *sender, PyObject *name, bool *own)
{
	PyObject *all = PyObject_GetAttr(sender, slots_name), *function = NULL;
	PyObject *slots = all ? PyDict_GetItemWithError(all, name) : NULL;
	if (slots && PyTuple_Size(slots) == 1) {
		PyObject *slot = PyTuple_GetItem(slots, 0);
		Py_IncRef(slot);
		if (is_true(slot, bare_name)) {
			*own = is_true(slot, own_name);
			function = PyObject_GetAttr(slot, call_name);
		}
		Py_DecRef(slot);
	}
	Py_DecRef(all);
	return function;
}

/* Has the package report the exception that is set, as the one that is handled. */
static void report(PyObject *where)
{
	PyObject *type, *error, *trace, *outer_type, *outer, *outer_trace;
	PyErr_Fetch(&type, &error, &trace);
	PyErr_NormalizeException(&type, &error, &trace);
	if (trace)
		PyException_SetTraceback(error, trace);
	PyErr_GetExcInfo(&outer_type, &outer, &outer_trace);
	PyErr_SetExcInfo(type, error, trace);
	PyObject *done = PyObject_CallObject(package.report, NULL);
	if (!done)
		PyErr_WriteUnraisable(where);
	Py_DecRef(done);
	PyErr_SetExcInfo(outer_type, outer, outer_trace);
}

/* Is called by the library for a signal without arguments. */
static void emitted(void *handle, void *data)
{
	const struct signal *signal = data;
	PyGILState_STATE state = PyGILState_Ensure();
	/* No step of Python's is made before the slot's first. So no handler of the system's signals runs whose exception would
	 * have to be told from the slot's. */
	PyObject *sender = signal->name == Py_None ? NULL : find(handle);
	bool own = false;
	PyObject *function = sender ? only_slot(sender, signal->name, &own) : NULL;
	PyObject *done;
	if (function) {
		done = PyObject_CallFunctionObjArgs(function, own ? sender : NULL, NULL);
	} else {
		PyErr_Clear();
		PyObject *number = PyLong_FromVoidPtr(handle);
		done = number ? PyObject_CallFunctionObjArgs(signal->thunk, number, Py_None, NULL) : NULL;
		Py_DecRef(number);
	}
	if (!done)
		report(signal->thunk);
	Py_DecRef(done);
	Py_DecRef(function);
	Py_DecRef(sender);
	PyGILState_Release(state);
}

/* signal(name, thunk): returns what emitted() is to be given, for a signal that is never forgotten. */
static PyObject *new_signal(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self, (void)count;
	struct signal *made = malloc(sizeof *made);
	if (!made)
		return PyErr_NoMemory();
	made->name = arguments[0];
	made->thunk = arguments[1];
	Py_IncRef(made->name);
	Py_IncRef(made->thunk);
	return PyLong_FromVoidPtr(made);
}

/* ---- Reading and writing ---- */

/* Returns bytes of the package's class, from two pieces. */
static PyObject *joined(const char *first, int64_t size, const char *second, int64_t more)
{
	PyObject *plain = PyBytes_FromStringAndSize(NULL, size + more);
	if (!plain)
		return NULL;
	char *start = PyBytes_AsString(plain);
	memcpy(start, first, size);
	if (more > 0)
		memcpy(start + size, second, more);
	PyObject *all = PyObject_CallFunctionObjArgs(package.bytes, plain, NULL);
	Py_DecRef(plain);
	return all;
}

/* read_all(handle): returns all that a socket has. */
static PyObject *read_all(PyObject *self, PyObject *number)
{
	(void)self;
	void *handle = PyLong_AsVoidPtr(number);
	if (!handle && PyErr_Occurred())
		return NULL;
	char piece[SHORT];
	int64_t size = library.read(handle, piece, SHORT), more = 0;
	if (size <= 0) {
		Py_IncRef(package.empty);
		return package.empty;
	}
	const char *rest = size == SHORT ? library.read_all(handle, &more) : NULL;
	return joined(piece, size, rest, rest ? more : 0);
}

/* write(handle, bytes): returns how many bytes were taken, or -1. */
static PyObject *write_bytes(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self, (void)count;
	char *start;
	Py_ssize_t size;
	void *handle = PyLong_AsVoidPtr(arguments[0]);
	if ((!handle && PyErr_Occurred()) || PyBytes_AsStringAndSize(arguments[1], &start, &size) < 0)
		return NULL;
	return PyLong_FromLongLong(library.write(handle, start, size));
}

/* ---- The module ---- */

static void *address(PyObject *number)
{
	return PyLong_AsVoidPtr(number);
}

/* begin(references, weakref.ref, report, bytes, empty, read, read_all, write): returns the address of emitted(). */
static PyObject *begin(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	for (Py_ssize_t each = 0; each < count; each++)
		Py_IncRef(arguments[each]);
	package.references = arguments[0];
	package.weak = arguments[1];
	package.report = arguments[2];
	package.bytes = arguments[3];
	package.empty = arguments[4];
	*(void **)&library.read = address(arguments[5]);
	*(void **)&library.read_all = address(arguments[6]);
	*(void **)&library.write = address(arguments[7]);
	void (*function)(void *, void *) = emitted;
	return PyLong_FromVoidPtr(*(void **)&function);
}

#define FUNCTION(name, function, flags) { name, (PyCFunction)(void (*)(void))function, flags, NULL }

static PyMethodDef functions[] = {
	FUNCTION("begin", begin, METH_FASTCALL),
	FUNCTION("signal", new_signal, METH_FASTCALL),
	FUNCTION("read_all", read_all, METH_O),
	FUNCTION("write", write_bytes, METH_FASTCALL),
	{ NULL, NULL, 0, NULL },
};

static PyModuleDef module = {
	PyModuleDef_HEAD_INIT, "_fast", "What the package does for each message.", -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__fast(void)
{
	slots_name = PyUnicode_InternFromString("_q_slots");
	bare_name = PyUnicode_InternFromString("bare");
	own_name = PyUnicode_InternFromString("own");
	call_name = PyUnicode_InternFromString("call");
	if (!slots_name || !bare_name || !own_name || !call_name)
		return NULL;
	return PyModule_Create2(&module, PYTHON_ABI_VERSION);
}

/*
 * What is used of Python's stable ABI, as it has been since Python 3.10. With the declarations here no headers of Python are
 * needed to build, which few systems have installed, and none of another processor's to build for that one.
 *
 * A test compiles this behind <Python.h>: it must agree.
 */
#ifndef QNET_STABLE_ABI_H
#define QNET_STABLE_ABI_H

#ifndef PyAPI_FUNC
#include <stddef.h>

typedef ptrdiff_t Py_ssize_t;
typedef struct PyObject PyObject;
typedef struct PyTypeObject PyTypeObject;
typedef enum { PyGILState_LOCKED, PyGILState_UNLOCKED } PyGILState_STATE;
typedef PyObject *(*PyCFunction)(PyObject *self, PyObject *argument);

typedef struct {
	const char *ml_name;
	PyCFunction ml_meth;
	int ml_flags;
	const char *ml_doc;
} PyMethodDef;

#define METH_O 0x0008
#define METH_FASTCALL 0x0080

typedef struct PyModuleDef {
	struct {
		Py_ssize_t references;
		void *type;
		PyObject *(*initialize)(void);
		Py_ssize_t index;
		PyObject *copy;
	} m_base;
	const char *m_name;
	const char *m_doc;
	Py_ssize_t m_size;
	PyMethodDef *m_methods;
	void *m_slots;
	void (*m_traverse)(void);
	void (*m_clear)(void);
	void (*m_free)(void);
} PyModuleDef;

#define PyModuleDef_HEAD_INIT { 1, NULL, NULL, 0, NULL }
#define PYTHON_ABI_VERSION 3
#define PyMODINIT_FUNC __attribute__((visibility("default"))) PyObject *
#define Py_None (&_Py_NoneStruct)
#endif

extern PyObject _Py_NoneStruct;
PyObject *PyModule_Create2(PyModuleDef *definition, int version);

void Py_IncRef(PyObject *object);
void Py_DecRef(PyObject *object);
PyObject *PyObject_Type(PyObject *object);
PyObject *PyObject_GetAttr(PyObject *object, PyObject *name);
PyObject *PyObject_CallObject(PyObject *callable, PyObject *arguments);
PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...);
int PyObject_IsTrue(PyObject *object);

PyObject *PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t size);
char *PyBytes_AsString(PyObject *bytes);
int PyBytes_AsStringAndSize(PyObject *bytes, char **start, Py_ssize_t *size);
PyObject *PyDict_GetItemWithError(PyObject *dict, PyObject *key);
PyObject *PyLong_FromLongLong(long long number);
PyObject *PyLong_FromVoidPtr(void *address);
void *PyLong_AsVoidPtr(PyObject *number);
PyObject *PyTuple_GetItem(PyObject *tuple, Py_ssize_t index);
Py_ssize_t PyTuple_Size(PyObject *tuple);
PyObject *PyUnicode_InternFromString(const char *text);

void PyErr_Clear(void);
PyObject *PyErr_NoMemory(void);
PyObject *PyErr_Occurred(void);
void PyErr_Fetch(PyObject **type, PyObject **error, PyObject **trace);
void PyErr_NormalizeException(PyObject **type, PyObject **error, PyObject **trace);
int PyException_SetTraceback(PyObject *error, PyObject *trace);
void PyErr_GetExcInfo(PyObject **type, PyObject **error, PyObject **trace);
void PyErr_SetExcInfo(PyObject *type, PyObject *error, PyObject *trace);
void PyErr_WriteUnraisable(PyObject *where);

PyGILState_STATE PyGILState_Ensure(void);
void PyGILState_Release(PyGILState_STATE state);

#endif

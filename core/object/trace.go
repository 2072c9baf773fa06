package object

// Trace, if there is one, is told of each signal before it is emitted. It is set before there are objects.
var Trace func(o *Object, signal Signal, arg int64)

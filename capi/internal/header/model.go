// Package header reads the public C headers into a model, so that everything
// which repeats them (entry stubs, version script, bindings, tests) can be
// generated from or compared with the one hand-written source.
//
// It understands the plain, regular C of include/qnet and nothing more: what it
// does not know is an error, never skipped, because a skipped declaration would
// be missing from the library without anybody noticing.
package header

import (
	"fmt"
	"strings"
)

// Pos is a place in a header.
type Pos struct {
	File string // base name, such as "socket.h"
	Line int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Kind says what a type is, as far as generated code must treat it differently.
type Kind int

// The kinds of type.
const (
	Void      Kind = iota
	Scalar         // bool, integers, char, and typedefs of integers
	EnumType       // one of the library's enums, by value
	Handle         // pointer to one of the library's opaque structs
	Handles        // an array of such pointers: const if it is only read
	Callback       // one of the library's function types
	Text           // const char *
	Struct         // pointer to one of the library's plain structs
	StructVal      // such a struct by value: constants and fields only
	Pointer        // any other pointer, and array parameters
)

// Type is the type of a parameter, field or return value.
type Type struct {
	Base    string // without const and *: "qnet_socket", "char", "uint8_t"
	Const   bool
	Pointer bool
	List    bool // pointer to pointers, which are only read if it is Const
	Array   int  // elements of an array, 0 if it is none
	Kind    Kind
}

// String spells the type as C does, without the length of an array.
func (t Type) String() string {
	s := t.Base
	switch {
	case t.List && t.Const:
		return s + " *const *"
	case t.List:
		return s + " **"
	}
	if t.Const {
		s = "const " + s
	}
	if t.Pointer {
		s += " *"
	}
	return s
}

// Declare spells the declaration of name with this type.
func (t Type) Declare(name string) string {
	s := t.String()
	if !t.Pointer {
		s += " "
	}
	s += name
	if t.Array > 0 {
		s += fmt.Sprintf("[%d]", t.Array)
	}
	return s
}

// IsAddress tells whether a value of the type is an address in C.
func (t Type) IsAddress() bool {
	return t.Pointer || t.Array > 0 || t.Kind == Callback
}

// Param is a parameter of a function or a field of a struct.
type Param struct {
	Name string
	Type Type
	Doc  string // of a field that has its own
}

// Func is a function, or the type of one.
type Func struct {
	Pos
	Name   string
	Return Type
	Params []Param
	Doc    string

	Section string // the title above it, "" without one
}

// Inline is a function that a header defines, for C alone.
type Inline struct {
	File, Name, Prototype, Doc string
}

// Prototype spells the function's declaration without the semicolon.
func (f *Func) Prototype() string {
	var b strings.Builder
	b.WriteString(f.Return.Declare(f.Name))
	b.WriteByte('(')
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Type.Declare(p.Name))
	}
	if len(f.Params) == 0 {
		b.WriteString("void")
	}
	b.WriteByte(')')
	return b.String()
}

// Constant is an enumerator.
type Constant struct {
	Pos
	Name  string
	Value int
	Doc   string
}

// Enum is an enumeration.
type Enum struct {
	Pos
	Name      string
	Constants []Constant
	Doc       string
}

// Record is a plain struct.
type Record struct {
	Pos
	Name   string
	Fields []Param
	Doc    string
}

// Typedef is the name of an opaque struct or of another integer type.
type Typedef struct {
	Pos
	Name string
	Base string // the integer type; "" for an opaque struct
	Doc  string
}

// Data is a constant that the library exports.
type Data struct {
	Pos
	Name string
	Type Type
	Doc  string
}

// Macro is a #define with a value.
type Macro struct {
	Pos
	Name     string
	Function bool // takes arguments
	Value    string
	Doc      string
}

// Model is all that the headers declare, each list in the order of the files'
// names and then of the declarations.
type Model struct {
	Files     []string
	Inline    []Inline
	About     map[string]string // what the files' own comments say
	Functions []*Func
	Callbacks []*Func
	Enums     []*Enum
	Records   []*Record
	Handles   []*Typedef
	Scalars   []*Typedef
	Data      []*Data
	Macros    []*Macro
}

// Symbols returns the names of all functions and data, which are the symbols
// that the library exports.
func (m *Model) Symbols() []string {
	var names []string
	for _, f := range m.Functions {
		names = append(names, f.Name)
	}
	for _, d := range m.Data {
		names = append(names, d.Name)
	}
	return names
}

package header

import (
	"fmt"
	"strings"
)

// resolver gives each type its kind, once all names are known.
type resolver struct {
	kinds map[string]Kind
	where map[string]Pos
}

func resolve(m *Model) error {
	r := &resolver{kinds: make(map[string]Kind), where: make(map[string]Pos)}
	for name := range scalars {
		r.kinds[name] = Scalar
	}
	r.kinds["void"] = Void
	if err := r.declare(m); err != nil {
		return err
	}
	return r.check(m)
}

// add notes a name of file scope, which must be new and in the library's name
// space.
func (r *resolver) add(pos Pos, name, prefix string) error {
	if !strings.HasPrefix(name, prefix) {
		return fmt.Errorf("%s: %s does not start with %s", pos, name, prefix)
	}
	if old, ok := r.where[name]; ok {
		return fmt.Errorf("%s: %s is declared at %s already", pos, name, old)
	}
	r.where[name] = pos
	return nil
}

func (r *resolver) declare(m *Model) error {
	var first error
	note := func(pos Pos, name, prefix string) {
		if err := r.add(pos, name, prefix); err != nil && first == nil {
			first = err
		}
	}
	typ := func(pos Pos, name string, kind Kind) {
		note(pos, name, "qnet_")
		r.kinds[name] = kind
	}
	for _, t := range m.Handles {
		typ(t.Pos, t.Name, Handle)
	}
	for _, t := range m.Scalars {
		typ(t.Pos, t.Name, Scalar)
		if !scalars[t.Base] && first == nil {
			first = fmt.Errorf("%s: %s is no integer type", t.Pos, t.Base)
		}
	}
	for _, t := range m.Records {
		typ(t.Pos, t.Name, Struct)
	}
	for _, t := range m.Callbacks {
		typ(t.Pos, t.Name, Callback)
	}
	for _, t := range m.Enums {
		typ(t.Pos, t.Name, EnumType)
		for _, c := range t.Constants {
			note(c.Pos, c.Name, "QNET_")
		}
	}
	for _, f := range m.Functions {
		note(f.Pos, f.Name, "qnet_")
	}
	for _, d := range m.Data {
		note(d.Pos, d.Name, "qnet_")
	}
	for _, d := range m.Macros {
		note(d.Pos, d.Name, "QNET_")
	}
	return first
}

func (r *resolver) check(m *Model) error {
	for _, f := range append(append([]*Func(nil), m.Functions...), m.Callbacks...) {
		if err := r.function(f); err != nil {
			return fmt.Errorf("%s: %s: %w", f.Pos, f.Name, err)
		}
	}
	for _, rec := range m.Records {
		for i := range rec.Fields {
			f := &rec.Fields[i]
			if err := r.kind(&f.Type); err != nil {
				return fmt.Errorf("%s: %s.%s: %w", rec.Pos, rec.Name, f.Name, err)
			}
			if f.Type.Kind == Void {
				return fmt.Errorf("%s: %s.%s is void", rec.Pos, rec.Name, f.Name)
			}
		}
	}
	for _, d := range m.Data {
		if err := r.kind(&d.Type); err != nil {
			return fmt.Errorf("%s: %s: %w", d.Pos, d.Name, err)
		}
	}
	return nil
}

func (r *resolver) function(f *Func) error {
	if err := r.kind(&f.Return); err != nil {
		return err
	}
	if f.Return.Kind == StructVal {
		return fmt.Errorf("returns %s by value", f.Return)
	}
	seen := make(map[string]bool)
	for i := range f.Params {
		p := &f.Params[i]
		if err := r.kind(&p.Type); err != nil {
			return err
		}
		if p.Type.Kind == Void || p.Type.Kind == StructVal {
			return fmt.Errorf("parameter %s is %s by value", p.Name, p.Type)
		}
		if seen[p.Name] {
			return fmt.Errorf("two parameters %s", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// kind finds out the kind of a type and refuses what the headers do not use.
func (r *resolver) kind(t *Type) error {
	base, ok := r.kinds[t.Base]
	if !ok {
		return fmt.Errorf("unknown type %s", t.Base)
	}
	address := t.Pointer || t.Array > 0
	switch {
	case t.Pointer && t.Array > 0:
		return fmt.Errorf("array of %s", t)
	case t.List && base != Handle:
		return fmt.Errorf("a list of %s, which is no handle", t.Base)
	case t.List:
		t.Kind = Handles
	case base == Handle && (!t.Pointer || t.Const):
		return fmt.Errorf("%s is not a handle; write %s *", t, t.Base)
	case base == Callback && address:
		return fmt.Errorf("pointer to the function pointer %s", t.Base)
	case base == Struct && !address:
		t.Kind = StructVal
	case base == Handle, base == Callback:
		t.Kind = base
	case base == Struct && t.Pointer:
		t.Kind = Struct
	case t.Base == "char" && t.Const && t.Pointer:
		t.Kind = Text
	case address:
		t.Kind = Pointer
	default:
		t.Kind = base
	}
	return nil
}

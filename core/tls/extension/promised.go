package extension

import (
	"encoding/hex"
	"math"
	"math/big"

	"qnet/core/tls/der"
	"qnet/core/tls/oid"
)

// promised returns the value of an extension whose form Qt promises.
func (e Extension) promised() (any, bool) {
	switch e.ID {
	case BasicConstraints:
		basic, ok := e.Basic()
		if !ok {
			return nil, false
		}
		value := map[string]any{"ca": basic.CA}
		if basic.Path != nil {
			value["pathLenConstraint"] = small(basic.Path)
		}
		return value, true
	case SubjectKeyID:
		id, ok := e.KeyID()
		return upper(id), ok
	case AuthorityKeyID:
		key, ok := e.Authority()
		if !ok {
			return nil, false
		}
		value := map[string]any{}
		if key.ID != nil {
			// Qt has the digits of the number here.
			value["keyid"] = []byte(hex.EncodeToString(key.ID))
		}
		if key.Serial != nil {
			value["serial"] = small(der.Int(key.Serial))
		}
		return value, true
	}
	places, ok := e.places()
	value := map[string]any{}
	for _, p := range places {
		if p.where.Tag == der.Context(6) {
			value[oid.Short(p.method)] = string(p.where.Body)
		}
	}
	return value, ok
}

// small returns a number, or -1 if it is none of 64 bits.
func small(n *big.Int) int64 {
	if !n.IsInt64() || n.Int64() == math.MinInt64 {
		return -1
	}
	return n.Int64()
}

// Basic is what an extension says of the one to whom a certificate is issued.
type Basic struct {
	CA   bool
	Path *big.Int // how many certificates of authorities may follow, nil for any number
}

// Basic returns the basic constraints.
func (e Extension) Basic() (Basic, bool) {
	outer := der.Read(e.Data)
	r := outer.Inside(der.Sequence)
	var b Basic
	if ca, ok := r.Optional(der.Boolean); ok {
		if len(ca.Body) != 1 {
			return Basic{}, false
		}
		b.CA = ca.Body[0] != 0
	}
	if r.More() {
		b.Path = r.Number()
	}
	return b, r.Done()
}

// KeyID returns the identifier of the subject's key.
func (e Extension) KeyID() ([]byte, bool) {
	r := der.Read(e.Data)
	id := r.Body(der.OctetString)
	return id, r.OK()
}

// Authority is how an extension calls the certificate of the issuer. What it does not say
// is nil.
type Authority struct {
	ID, Serial []byte        // of its key; its number
	Names      []der.Element // of its issuer
}

// Authority returns how the issuer's certificate is called.
func (e Extension) Authority() (Authority, bool) {
	outer := der.Read(e.Data)
	r := outer.Inside(der.Sequence)
	var a Authority
	if id, ok := r.Optional(der.Context(0)); ok {
		a.ID = id.Body
	}
	if names, ok := r.Optional(der.Explicit(1)); ok {
		a.Names, ok = generals(names.Body)
		if !ok {
			return Authority{}, false
		}
	}
	if serial, ok := r.Optional(der.Context(2)); ok {
		if !der.IsInteger(serial.Body) {
			return Authority{}, false
		}
		a.Serial = serial.Body
	}
	return a, r.Done()
}

// place is where something is to be had, and how.
type place struct {
	method string
	where  der.Element
}

// places returns what authorityInfoAccess and subjectInfoAccess say.
func (e Extension) places() ([]place, bool) {
	outer := der.Read(e.Data)
	r := outer.Inside(der.Sequence)
	var all []place
	for r.More() {
		p := r.Inside(der.Sequence)
		all = append(all, place{p.Identifier(), p.Any()})
		if !p.Done() || !isGeneral(all[len(all)-1].where) {
			return nil, false
		}
	}
	return all, r.Done()
}

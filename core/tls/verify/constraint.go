package verify

import (
	"net/netip"
	"strings"

	"qnet/core/tls/certificate"
	"qnet/core/tls/der"
	"qnet/core/tls/extension"
	"qnet/core/tls/name"
)

// Kinds of names that authorities may be confined to, by their tags.
const (
	email     = 0x81
	dns       = 0x82
	directory = 0xa4
	uri       = 0x86
	ip        = 0x87
)

// checkNames looks whether authorities have issued for names that they may issue for.
func (w *walk) checkNames() {
	for depth := len(w.chain) - 1; depth >= 0; depth-- {
		c := w.chain[depth]
		if depth > 0 && c.IsSelfIssued() {
			continue
		}
		of := names(c, depth == 0)
		for above := len(w.chain) - 1; above > depth; above-- {
			e, count := w.chain[above].Extension(extension.NameConstraints)
			if count == 0 {
				continue
			}
			if !w.permitted(of, e.Data) {
				w.fail(depth, Unspecified)
			}
		}
	}
}

// names returns the names of a certificate's subject, as general ones. A leaf that has no
// names of hosts has its common name for one.
func names(c *certificate.Certificate, leaf bool) []der.Element {
	var all []der.Element
	subject := c.Subject()
	if len(subject.Attributes) > 0 {
		all = append(all, der.Element{Tag: directory, Body: subject.Raw})
	}
	for _, a := range subject.Attributes {
		if a.ID == "1.2.840.113549.1.9.1" {
			all = append(all, der.Element{Tag: email, Body: a.Value.Body})
		}
	}
	hosts := false
	if e, count := c.Extension(extension.SubjectAltName); count == 1 {
		list := der.Open(e.Data, der.Sequence)
		for list.More() {
			g := list.Any()
			hosts = hosts || g.Tag == dns
			all = append(all, g)
		}
	}
	if leaf && !hosts {
		for _, cn := range subject.Info("CN") {
			if isHost(cn) {
				all = append(all, der.Element{Tag: dns, Body: []byte(cn)})
			}
		}
	}
	return all
}

// isHost reports whether a text may be the name of a host.
func isHost(text string) bool {
	labels := strings.Split(text, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}

// maxCompared is how often names may be compared in a chain, which can be made to have many of both.
const maxCompared = 1 << 18

// permitted reports whether constraints allow all names. Those that cannot be understood
// allow nothing.
func (w *walk) permitted(all []der.Element, constraints []byte) bool {
	r := der.Open(constraints, der.Sequence)
	allowed, _ := r.Optional(der.Explicit(0))
	excluded, _ := r.Optional(der.Explicit(1))
	if !r.Done() {
		return false
	}
	for _, g := range all {
		within, confined, ok1 := w.matches(g, allowed.Body)
		out, _, ok2 := w.matches(g, excluded.Body)
		if !ok1 || !ok2 || confined && !within || out {
			return false
		}
	}
	return true
}

// matches reports whether a name is in one of the trees, and whether any is of its kind.
func (w *walk) matches(g der.Element, trees []byte) (within, confined, ok bool) {
	r := der.Read(trees)
	for r.More() {
		tree := r.Inside(der.Sequence)
		base := tree.Any()
		// How deep a tree is cannot be said.
		if w.compared++; !tree.Done() || w.compared > maxCompared {
			return false, false, false
		}
		if base.Tag != g.Tag {
			continue
		}
		confined = true
		in, known := inTree(g, base)
		if !known {
			return false, false, false
		}
		within = within || in
	}
	return within, confined, r.OK()
}

// inTree reports whether a name is one of those that another of its kind stands for, and
// whether that can be said.
func inTree(g, base der.Element) (in, known bool) {
	text, tree := strings.ToLower(string(g.Body)), strings.ToLower(string(base.Body))
	switch g.Tag {
	case directory:
		n, ok1 := name.Parse(g.Body)
		b, ok2 := name.Parse(base.Body)
		return n.Within(b), ok1 && ok2
	case dns:
		return inDomain(text, tree), true
	case email:
		local, host, ok := strings.Cut(text, "@")
		switch {
		case !ok || local == "":
			return false, false
		case strings.HasPrefix(tree, "."):
			return strings.HasSuffix(host, tree), true
		case strings.Contains(tree, "@"):
			return string(g.Body[:len(local)]) == string(base.Body[:strings.Index(tree, "@")]) && tree[strings.Index(tree, "@")+1:] == host, true
		}
		return host == tree, true
	case uri:
		_, host, ok := strings.Cut(text, "://")
		if !ok {
			return false, false
		}
		if end := strings.IndexAny(host, ":/"); end >= 0 {
			host = host[:end]
		}
		if strings.HasPrefix(tree, ".") {
			return strings.HasSuffix(host, tree), host != ""
		}
		return host == tree, host != ""
	case ip:
		return inNetwork(g.Body, base.Body)
	}
	return false, false
}

// inDomain reports whether a host is in a domain, or is it.
func inDomain(host, domain string) bool {
	if domain == "" || host == domain {
		return true
	}
	if !strings.HasSuffix(host, domain) {
		return false
	}
	return domain[0] == '.' || host[len(host)-len(domain)-1] == '.'
}

// inNetwork reports whether an address is in a network, which has its mask behind it.
func inNetwork(address, network []byte) (in, known bool) {
	half := len(network) / 2
	if half != 4 && half != 16 || len(network)%2 != 0 {
		return false, false
	}
	if _, ok := netip.AddrFromSlice(address); !ok {
		return false, false
	}
	if len(address) != half {
		return false, true
	}
	for i := range address {
		if (address[i]^network[i])&network[half+i] != 0 {
			return false, true
		}
	}
	return true, true
}

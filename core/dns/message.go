package dns

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// errMessage says that a message is none, or not the one that was waited for.
var errMessage = errors.New("dns: malformed message")

// question is what a name server is asked.
type question struct {
	name dnsmessage.Name // with its last dot
	kind dnsmessage.Type
}

func newQuestion(name string, kind dnsmessage.Type) (question, error) {
	if !strings.HasSuffix(name, ".") {
		name += "."
	}
	n, err := dnsmessage.NewName(name)
	return question{n, kind}, err
}

// pack returns the question as a message, and its number. It says nothing of EDNS,
// which old name servers and proxies refuse: longer answers come over TCP.
func (q question) pack() (id uint16, message []byte, err error) {
	id = uint16(rand.Uint32())
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id, RecursionDesired: true})
	if err = b.StartQuestions(); err == nil {
		err = b.Question(dnsmessage.Question{Name: q.name, Type: q.kind, Class: dnsmessage.ClassINET})
	}
	if err != nil {
		return 0, nil, err
	}
	message, err = b.Finish()
	return id, message, err
}

// answer is what a name server says to a question.
type answer struct {
	code      dnsmessage.RCode
	truncated bool
	lame      bool         // the server is the wrong one to ask
	addresses []netip.Addr // of the host, or of the one that it is an alias of
	name      string       // of the address, without its last dot
}

// useless reports whether another server is to be asked.
func (a answer) useless() bool {
	switch a.code {
	case dnsmessage.RCodeServerFailure, dnsmessage.RCodeNotImplemented, dnsmessage.RCodeRefused:
		return true
	}
	return a.lame
}

// read reads the answer to the question with number id. An error means that the
// message is no such answer.
func (q question) read(message []byte, id uint16) (answer, error) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil || !h.Response || h.ID != id {
		return answer{}, errMessage
	}
	asked, err := p.AllQuestions()
	if err != nil || len(asked) != 1 || asked[0].Type != q.kind || asked[0].Class != dnsmessage.ClassINET || key(asked[0].Name) != key(q.name) {
		return answer{}, errMessage
	}
	a := answer{code: h.RCode, truncated: h.Truncated}
	if h.Truncated || h.RCode != dnsmessage.RCodeSuccess {
		return a, nil
	}
	records, err := p.AllAnswers()
	if err != nil {
		return answer{}, errMessage
	}
	// It refers to other servers, or does not even do that.
	a.lame = len(records) == 0 && !h.Authoritative && !h.RecursionAvailable
	a.take(q, records)
	return a, nil
}

// take takes from the records what is said of the question's name, following its
// aliases, in whatever order they come.
func (a *answer) take(q question, records []dnsmessage.Resource) {
	of := make(map[string][]dnsmessage.ResourceBody)
	for _, r := range records {
		if r.Header.Class == dnsmessage.ClassINET {
			of[key(r.Header.Name)] = append(of[key(r.Header.Name)], r.Body)
		}
	}
	for name := key(q.name); name != ""; {
		bodies := of[name]
		delete(of, name) // aliases may go in circles
		name = ""
		for _, body := range bodies {
			switch body := body.(type) {
			case *dnsmessage.AResource:
				a.addresses = append(a.addresses, netip.AddrFrom4(body.A))
			case *dnsmessage.AAAAResource:
				a.addresses = append(a.addresses, netip.AddrFrom16(body.AAAA))
			case *dnsmessage.PTRResource:
				if a.name == "" && hostName(body.PTR) {
					a.name = strings.TrimSuffix(body.PTR.String(), ".")
				}
			case *dnsmessage.CNAMEResource:
				name = key(body.CNAME)
			}
		}
	}
}

// key is what names have in common that are the same.
func key(name dnsmessage.Name) string { return strings.ToLower(name.String()) }

// hostName reports whether name is made of what hosts' names are made of: others in an
// answer are not passed on, since programs trust them to be harmless.
func hostName(name dnsmessage.Name) bool {
	return name.Length > 1 && !strings.ContainsFunc(name.String(), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}

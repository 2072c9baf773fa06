package auth

import (
	"encoding/base64"

	"github.com/Azure/go-ntlmssp"
)

// ntlm is NTLMv2. It belongs to a connection: one message goes each way before the one
// that proves that the password is known.
type ntlm struct {
	user, password string // the user may have a domain: DOMAIN\user or user@domain
	next           []byte // the last message; nil: it has not come to that
}

func (n *ntlm) Fresh() Session { return &ntlm{user: n.user, password: n.password} }

// Continue makes the last message of what the server has said to the first.
func (n *ntlm) Continue(c Challenge) bool {
	if n.next != nil || c.Scheme != "ntlm" || c.Token == "" {
		return false
	}
	message, err := base64.StdEncoding.DecodeString(c.Token)
	if err != nil {
		return false
	}
	n.next, err = ntlmssp.NewAuthenticateMessage(message, n.user, n.password, nil)
	return err == nil
}

func (n *ntlm) Authorization(_, _ string) string {
	message := n.next
	if message == nil {
		// Without names of this machine it cannot fail.
		message, _ = ntlmssp.NewNegotiateMessage("", "")
	}
	return "NTLM " + base64.StdEncoding.EncodeToString(message)
}

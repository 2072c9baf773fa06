package key

import (
	"crypto/x509"
	"encoding/pem"
)

// PEM returns the key as PEM (QSslKey::toPem). With a pass phrase a private one is
// encrypted, as PKCS #8 has it: what Qt writes, DES with MD5, is quickly broken.
func (k *Key) PEM(passPhrase string) []byte {
	if k == nil {
		return nil
	}
	der, label := k.encoded()
	if passPhrase != "" && k.private != nil {
		plain, err := x509.MarshalPKCS8PrivateKey(k.private)
		if err != nil {
			return nil
		}
		der, label = encrypt(plain, passPhrase), "ENCRYPTED PRIVATE KEY"
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

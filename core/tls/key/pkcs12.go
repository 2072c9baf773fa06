package key

import (
	"crypto/sha1"
	"math/big"
	"unicode/utf16"
)

// pkcs12Key derives a key (purpose 1) or an initial value (2) from a pass phrase, as
// RFC 7292, appendix B.2, says.
func pkcs12Key(salt []byte, passPhrase string, times, purpose, octets int) []byte {
	const block = 64
	filled := func(data []byte) []byte {
		if len(data) == 0 {
			return nil
		}
		all := make([]byte, (len(data)+block-1)/block*block)
		for i := range all {
			all[i] = data[i%len(data)]
		}
		return all
	}
	diversifier := make([]byte, block)
	for i := range diversifier {
		diversifier[i] = byte(purpose)
	}
	input := append(filled(salt), filled(wide(passPhrase))...)
	var key []byte
	for len(key) < octets {
		sum := sha1.Sum(append(diversifier[:block:block], input...))
		for range times - 1 {
			sum = sha1.Sum(sum[:])
		}
		key = append(key, sum[:]...)
		// Each block of the input grows by the hash and one, without what that carries over.
		add := new(big.Int).SetBytes(filled(sum[:])[:block])
		add.Add(add, big.NewInt(1))
		for i := 0; i < len(input); i += block {
			grown := new(big.Int).SetBytes(input[i : i+block])
			grown.Add(grown, add)
			octets := grown.FillBytes(make([]byte, block+1))
			copy(input[i:], octets[1:])
		}
	}
	return key[:octets]
}

// wide returns a pass phrase as PKCS #12 has it: UTF-16 and a 0.
func wide(passPhrase string) []byte {
	var octets []byte
	for _, unit := range append(utf16.Encode([]rune(passPhrase)), 0) {
		octets = append(octets, byte(unit>>8), byte(unit))
	}
	return octets
}

package tokenizer

// byteAlphabet gives the character that stands for a byte in the tokens of
// tokenizer.json: visible Latin-1 for itself, then U+0100 and on, in order.
// GPT-2, "Language Models are Unsupervised Multitask Learners", 2019.
var byteAlphabet = func() (alphabet [256]rune) {
	next := rune(0x100)
	for b := range alphabet {
		switch {
		case b >= '!' && b <= '~', b >= 0xA1 && b <= 0xAC, b >= 0xAE:
			alphabet[b] = rune(b)
		default:
			alphabet[b] = next
			next++
		}
	}
	return alphabet
}()

// alphabetByte is the way back, for the characters of isAlphabet.
var alphabetByte, isAlphabet = func() (bytes [0x144]byte, is [0x144]bool) {
	for b, r := range byteAlphabet {
		bytes[r], is[r] = byte(b), true
	}
	return bytes, is
}()

// appendBytes appends the bytes that a token stands for: those of its
// characters when all are of the alphabet, else the token as it is.
func appendBytes(dst []byte, token string) []byte {
	if !inAlphabet(token) {
		return append(dst, token...)
	}
	for _, r := range token {
		dst = append(dst, alphabetByte[r])
	}
	return dst
}

func inAlphabet(token string) bool {
	for _, r := range token {
		if int(r) >= len(isAlphabet) || !isAlphabet[r] {
			return false
		}
	}
	return true
}

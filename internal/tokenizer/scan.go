package tokenizer

// A scanner cuts text into words as a family's regular expressions do. It is
// written by hand, since Go's regexp has no look-ahead. Text is valid UTF-8.
type scanner struct {
	next func(s scanner, text string, i int) (end int) // of the word that begins at i < len(text)

	// What cl100k-like expressions differ in.
	inWord    uint8 // classes of a word: \p{L} or [\p{L}\p{M}]
	maxDigits int   // \p{N} or \p{N}{1,3}

	alone uint8 // class of the characters that GPT-2's expressions do not see: none, or digits
}

// The regular expressions of Split, as they stand in tokenizer.json.
const (
	qwen2Regex  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	qwen35Regex = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	llama3Regex = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

var splitScanners = map[string]scanner{
	qwen2Regex:  {next: nextCL100K, inWord: letter, maxDigits: 1},
	qwen35Regex: {next: nextCL100K, inWord: letter | mark, maxDigits: 1},
	llama3Regex: {next: nextCL100K, inWord: letter, maxDigits: 3},
}

var (
	gpt2Scanner   = scanner{next: nextGPT2}               // ByteLevel with use_regex
	digitsScanner = scanner{next: nextGPT2, alone: digit} // Digits, then ByteLevel with use_regex
)

// nextCL100K follows the expressions of splitScanners.
func nextCL100K(s scanner, text string, i int) int {
	class, size := classAt(text, i)
	if class&s.inWord != 0 {
		return runOf(text, i+size, s.inWord)
	}
	if class&number != 0 {
		return digits(text, i+size, s.maxDigits-1)
	}
	first := text[i]
	if first == '\'' {
		if end := contraction(text, i, true); end > i {
			return end
		}
	}
	end := i + size
	if first != '\n' && first != '\r' && end < len(text) {
		next, nextSize := classAt(text, end)
		if next&s.inWord != 0 {
			return runOf(text, end+nextSize, s.inWord)
		}
		if first == ' ' && next&(space|number) == 0 {
			return newlines(text, symbols(text, end, space|number|s.inWord))
		}
	}
	if class&space == 0 {
		return newlines(text, symbols(text, end, space|number|s.inWord))
	}
	end = runOf(text, end, space)
	for j := end; j > i; j-- {
		if text[j-1] == '\n' || text[j-1] == '\r' {
			return j
		}
	}
	return leaveOne(text, i, end)
}

// nextGPT2 follows 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// within the text between two characters of s.alone.
func nextGPT2(s scanner, text string, i int) int {
	class, size := classAt(text, i)
	end := i + size
	if class&s.alone != 0 {
		return end
	}
	switch text[i] {
	case '\'':
		if end := contraction(text, i, false); end > i {
			return end
		}
	case ' ':
		if end < len(text) {
			if next, nextSize := classAt(text, end); next&(space|s.alone) == 0 {
				class, end = next, end+nextSize
			}
		}
	}
	switch {
	case class&space != 0:
		end = runOf(text, end, space)
		if end < len(text) {
			if next, _ := classAt(text, end); next&s.alone != 0 {
				return end
			}
		}
		return leaveOne(text, i, end)
	case class&letter != 0:
		return runOf(text, end, letter)
	case class&number != 0 && s.alone == 0:
		return runOf(text, end, number)
	case class&number != 0: // one that Rust does not call a digit
		for end < len(text) {
			next, size := classAt(text, end)
			if next&number == 0 || next&s.alone != 0 {
				break
			}
			end += size
		}
		return end
	}
	return symbols(text, end, space|number|letter|s.alone)
}

// runOf returns the end of the characters of the given classes from i on.
func runOf(text string, i int, classes uint8) int {
	for i < len(text) {
		class := ascii[text[i]]
		size := 1
		if class == wide {
			class, size = classAt(text, i)
		}
		if class&classes == 0 {
			return i
		}
		i += size
	}
	return i
}

// symbols returns the end of the characters from i on in none of the classes.
func symbols(text string, i int, classes uint8) int {
	for i < len(text) {
		class, size := classAt(text, i)
		if class&classes != 0 {
			return i
		}
		i += size
	}
	return i
}

// digits passes over at most n numbers.
func digits(text string, i, n int) int {
	for ; n > 0 && i < len(text); n-- {
		class, size := classAt(text, i)
		if class&number == 0 {
			return i
		}
		i += size
	}
	return i
}

func newlines(text string, i int) int {
	for i < len(text) && (text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// leaveOne ends white space one character early when text follows, since a
// word takes the character before it; but never leaves nothing.
func leaveOne(text string, i, end int) int {
	if end == len(text) {
		return end
	}
	if _, size := classBefore(text, end); end-size > i {
		return end - size
	}
	return end
}

// contraction returns the end of 's, 't, 're, 've, 'm, 'll or 'd at i, or i.
// Without case, the long s (U+017F) is an s to the library.
func contraction(text string, i int, anyCase bool) int {
	at := func(j int) byte {
		if j >= len(text) {
			return 0
		}
		b := text[j]
		if anyCase && b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		return b
	}
	switch second := at(i + 2); at(i + 1) {
	case 's', 't', 'm', 'd':
		return i + 2
	case 'r', 'v':
		if second == 'e' {
			return i + 3
		}
	case 'l':
		if second == 'l' {
			return i + 3
		}
	case 0xC5:
		if anyCase && second == 0xBF {
			return i + 3
		}
	}
	return i
}

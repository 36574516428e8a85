package language

// Cues are what the spelling of a word that is no function word says: letters
// that few of the languages have, and endings. A cue counts half a function
// word, shared as those are.
const cueWeight = weight / 2

// Bits of the languages, in the order of Codes.
const (
	de = 1 << iota
	en
	es
	fr
	it
	pt
)

// letterCues are letters of two bytes that begin with 0xc3, by their second
// byte in lower case.
var letterCues = [256]uint8{
	0xa0: fr | it | pt, // à
	0xa1: es | pt,      // á
	0xa2: fr | pt,      // â
	0xa3: pt,           // ã
	0xa4: de,           // ä
	0xa7: fr | pt,      // ç
	0xa8: fr | it,      // è
	0xa9: fr | es | pt, // é
	0xaa: fr | pt,      // ê
	0xab: fr,           // ë
	0xac: it,           // ì
	0xad: es | pt,      // í
	0xae: fr,           // î
	0xaf: fr,           // ï
	0xb1: es,           // ñ
	0xb2: it,           // ò
	0xb3: es | pt,      // ó
	0xb4: fr | pt,      // ô
	0xb5: pt,           // õ
	0xb6: de,           // ö
	0xb9: fr | it,      // ù
	0xba: es | pt,      // ú
	0xbb: fr,           // û
	0xbc: de,           // ü
	0x9f: de,           // ß
}

// endingCues are endings of two to four letters.
var endingCues = map[string]uint8{
	"ing": en, "ly": en, "ght": en, "ness": en, "ship": en, "ful": en, "ould": en, "ck": en, "wn": en, "ow": en, "th": en, "ry": en, "ity": en, "ty": en, "ts": en | fr, "ed": en, "ys": en, "ery": en, "day": en, "ood": en, "ell": en, "ake": en, "ork": en,
	"eux": fr, "aux": fr, "eau": fr, "eur": fr, "eurs": fr, "euse": fr, "oir": fr, "oire": fr, "ique": fr, "ques": fr, "elle": fr | it, "esse": fr, "ette": fr, "aient": fr, "ait": fr, "ant": fr | en, "ent": fr | en, "ons": fr | en, "ez": fr, "que": fr | es | pt,
	"tion": fr | en | de, "ions": fr | en, "ment": fr | en, "ance": fr | en, "ence": fr | en, "age": fr | en | de, "ure": fr | it | en, "aire": fr, "eil": fr, "uil": fr, "oi": fr | it, "ois": fr, "oup": fr | en, "ille": fr, "isse": fr, "ive": fr | en, "ifs": fr, "eul": fr, "iers": fr,
	"ung": de, "lich": de, "keit": de, "heit": de, "isch": de, "sch": de, "cht": de, "gen": de, "ten": de, "ich": de, "tzt": de,
	"dad": es, "ando": es | it | pt, "iendo": es, "ente": es | it | pt, "ado": es | pt, "ada": es | pt, "idos": es | pt, "ción": es, "dos": es | pt, "ero": es | it, "illo": es,
	"zione": it, "zioni": it, "ità": it, "are": it | en, "ere": it, "ato": it, "ata": it, "tti": it, "gli": it, "ggi": it, "cchi": it, "oni": it, "ono": it,
	"ção": pt, "ções": pt, "dade": pt, "ões": pt, "ão": pt, "inho": pt, "agem": pt, "eiro": pt, "em": pt | de,
}

// cueOf returns the languages that the spelling of a word speaks for; none
// where it says nothing.
func cueOf(word string) uint8 {
	mask := uint8(0xff)
	for i := 0; i+1 < len(word); i++ {
		switch c := word[i]; {
		case c == 0xc3:
			second := word[i+1]
			if second >= 0x80 && second <= 0x9e {
				second |= 0x20
			}
			if cue := letterCues[second]; cue != 0 && mask&cue != 0 {
				mask &= cue
			}
		case c == 0xc5 && word[i+1]|1 == 0x93: // œ
			mask = fr
		}
	}
	for n := min(4, len(word)-1); n >= 2; n-- {
		if cue := endingCues[word[len(word)-n:]]; cue != 0 {
			if mask&cue != 0 {
				mask &= cue
			}
			break
		}
	}
	if mask == 0xff {
		return 0
	}
	return mask
}

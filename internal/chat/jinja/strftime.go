package jinja

import (
	"fmt"
	"strings"
	"time"
)

func (m *machine) clock() time.Time {
	if m.now.IsZero() {
		m.now = time.Now()
	}
	return m.now
}

// strftime formats a time as C's strftime does in the locale C.
func strftime(format string, now time.Time) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		i++
		plain := i < len(format) && format[i] == '-'
		if plain {
			i++
		}
		if i == len(format) {
			return "", fmt.Errorf("the format %q ends with a %%", format)
		}
		s, ok := timeField(format[i], now)
		if !ok {
			return "", fmt.Errorf("%%%c in the format %q is not supported", format[i], format)
		}
		if plain { // without zeros before it
			s = strings.TrimLeft(s, " ")
			for len(s) > 1 && s[0] == '0' {
				s = s[1:]
			}
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func timeField(c byte, t time.Time) (string, bool) {
	layouts := map[byte]string{
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'd': "02", 'e': "_2", 'm': "01",
		'y': "06", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'j': "002",
		'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'x': "01/02/06", 'X': "15:04:05",
		'c': "Mon Jan _2 15:04:05 2006", 'r': "03:04:05 PM",
	}
	if layout, ok := layouts[c]; ok {
		return t.Format(layout), true
	}
	switch c {
	case 'Y':
		return fmt.Sprint(t.Year()), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), true
	case 'U': // weeks begin on Sunday
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W': // on Monday
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7), true
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week), true
	case 'G':
		year, _ := t.ISOWeek()
		return fmt.Sprint(year), true
	case 'Z', 'z': // the time that transformers formats has no zone
		return "", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}

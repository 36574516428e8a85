package pdftext

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxDefinition bounds the definition of one object, in bytes. The library
// needs thirty times as much memory to hold one.
const maxDefinition = 4 << 20

// source gives the library the bytes of a file. Whatever the library does, it
// reads: so a reading that ends with the context, or with an object that goes
// on for too long, ends every loop a hostile file may lead it into.
type source struct {
	ctx        context.Context
	head, tail []byte // one behind the other
	opened     bool   // the cross-reference table, which may be longer, is read
	end        int64  // of the last reading
	run        int    // bytes read without a jump
	err        error  // that the context ended
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset != s.end {
		s.run = 0
	}
	if s.err == nil && s.ctx.Err() != nil {
		s.err = fmt.Errorf("%w: time", errHostile)
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.opened && s.run > maxDefinition {
		return 0, fmt.Errorf("an object of over %d bytes", maxDefinition)
	}
	for n < len(p) && offset >= 0 {
		part, at := s.head, offset
		if at >= int64(len(s.head)) {
			part, at = s.tail, at-int64(len(s.head))
		}
		if at >= int64(len(part)) {
			break
		}
		k := copy(p[n:], part[at:])
		n, offset = n+k, offset+int64(k)
	}
	s.end, s.run = offset, s.run+n
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// table returns what stands behind the first size bytes of the rebuilt file:
// unpacked objects, a cross-reference table and a trailer. Of several
// definitions of one object the last in objects is listed.
func table(unpacked []byte, size int, objects []object, trailer string) []byte {
	last := make(map[int]object, len(objects))
	for _, o := range objects {
		last[o.id] = o
	}
	entries := slices.SortedFunc(maps.Values(last), func(a, b object) int { return cmp.Compare(a.id, b.id) })
	count := 1
	if len(entries) > 0 {
		count = entries[len(entries)-1].id + 1
	}
	var b bytes.Buffer
	b.Grow(len(unpacked) + 20*len(entries) + 512)
	b.Write(unpacked)
	at := size + b.Len() + 1
	b.WriteString("\nxref\n0 1\n0000000000 65535 f \n")
	for i := 0; i < len(entries); {
		j := i
		for j < len(entries) && entries[j].id == entries[i].id+j-i {
			j++
		}
		fmt.Fprintf(&b, "%d %d\n", entries[i].id, j-i)
		for ; i < j; i++ {
			fmt.Fprintf(&b, "%010d %05d n \n", entries[i].offset, entries[i].gen)
		}
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n", count, trailer, at)
	return b.Bytes()
}

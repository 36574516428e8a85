package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// thriftWalker walks over a structure in Thrift's compact protocol, in which
// Parquet writes its metadata, and checks that every length it claims is
// really there. It builds nothing, so a hostile length costs nothing.
//
// Protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
type thriftWalker struct {
	data []byte
	pos  int
	path []int64 // field ids from the root to where the walker stands

	// visit, if set, sees every integer, and every list with its length.
	// The path is only valid during the call.
	visit func(path []int64, value int64) error
}

var errThriftCut = errors.New("the metadata is cut")

const maxThriftDepth = 64

// The type codes of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftInt8   = 3
	thriftInt16  = 4
	thriftInt32  = 5
	thriftInt64  = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
	thriftUUID   = 13
)

func (w *thriftWalker) structure() error {
	if len(w.path) > maxThriftDepth {
		return fmt.Errorf("metadata nested more than %d deep", maxThriftDepth)
	}
	id := int64(0)
	for {
		header, err := w.byte()
		if err != nil || header == 0 { // 0 ends the structure
			return err
		}
		if delta := int64(header >> 4); delta != 0 {
			id += delta
		} else if id, err = w.varint(); err != nil {
			return err
		}
		w.path = append(w.path, id)
		if code := header & 0xf; code != thriftTrue && code != thriftFalse {
			err = w.value(code)
		}
		if err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
}

func (w *thriftWalker) value(code byte) error {
	switch code {
	case thriftTrue, thriftFalse, thriftInt8: // in lists, booleans take a byte too
		return w.skip(1)
	case thriftInt16, thriftInt32, thriftInt64:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.seen(n)
	case thriftDouble:
		return w.skip(8)
	case thriftUUID:
		return w.skip(16)
	case thriftBinary:
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list()
	case thriftMap:
		return w.mapping()
	case thriftStruct:
		return w.structure()
	default:
		return fmt.Errorf("unknown Thrift type %d", code)
	}
}

func (w *thriftWalker) list() error {
	header, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(header >> 4)
	if n == 15 {
		if n, err = w.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(len(w.data)-w.pos) { // an element takes at least one byte
		return errThriftCut
	}
	if err := w.seen(int64(n)); err != nil {
		return err
	}
	for range n {
		if err := w.value(header & 0xf); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) mapping() error {
	n, err := w.uvarint()
	if err != nil || n == 0 {
		return err
	}
	codes, err := w.byte()
	if err != nil {
		return err
	}
	if n > uint64(len(w.data)-w.pos) {
		return errThriftCut
	}
	for range n {
		if err := w.value(codes >> 4); err != nil {
			return err
		}
		if err := w.value(codes & 0xf); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) seen(value int64) error {
	if w.visit == nil {
		return nil
	}
	return w.visit(w.path, value)
}

func (w *thriftWalker) byte() (byte, error) {
	if w.pos >= len(w.data) {
		return 0, errThriftCut
	}
	w.pos++
	return w.data[w.pos-1], nil
}

func (w *thriftWalker) skip(n uint64) error {
	if n > uint64(len(w.data)-w.pos) {
		return errThriftCut
	}
	w.pos += int(n)
	return nil
}

func (w *thriftWalker) uvarint() (uint64, error) {
	v, n := binary.Uvarint(w.data[w.pos:])
	if n <= 0 {
		return 0, errThriftCut
	}
	w.pos += n
	return v, nil
}

func (w *thriftWalker) varint() (int64, error) {
	v, n := binary.Varint(w.data[w.pos:])
	if n <= 0 {
		return 0, errThriftCut
	}
	w.pos += n
	return v, nil
}

// at tells whether path is the given sequence of field ids.
func at(path []int64, ids ...int64) bool { return slices.Equal(path, ids) }

package jinja

import (
	"fmt"
	"math"
	"math/big"
)

// Dict is a Python dict: its keys keep the order in which they were set.
type Dict struct {
	entries []entry
	index   map[any]int // for dicts of more than dictScan entries
	origin  int32
}

type entry struct {
	key, value Value
}

const dictScan = 8

// NewDict returns an empty dict.
func NewDict() *Dict { return &Dict{} }

// Get returns the value of a string key.
func (d *Dict) Get(key string) (Value, bool) { return d.getString(key) }

// Set gives a string key its value.
func (d *Dict) Set(key string, v Value) { d.set(NewText(key), v) }

// All calls f for every entry whose key is a string, in order.
func (d *Dict) All(f func(key string, v Value)) {
	for _, e := range d.entries {
		if key, ok := e.key.(*Text); ok {
			f(key.s, e.value)
		}
	}
}

func (d *Dict) getString(key string) (Value, bool) {
	if d.index != nil {
		i, ok := d.index[key]
		if !ok {
			return nil, false
		}
		return d.entries[i].value, true
	}
	for i := range d.entries {
		if k, ok := d.entries[i].key.(*Text); ok && k.s == key {
			return d.entries[i].value, true
		}
	}
	return nil, false
}

// lookup returns the value of a key; a key that cannot be one is not there.
func (d *Dict) lookup(key Value) (Value, bool) {
	if t, ok := key.(*Text); ok {
		return d.getString(t.s)
	}
	h, err := hashKey(key)
	if err != nil {
		return nil, false
	}
	if i, ok := d.find(h); ok {
		return d.entries[i].value, true
	}
	return nil, false
}

func (d *Dict) find(h any) (int, bool) {
	if d.index != nil {
		i, ok := d.index[h]
		return i, ok
	}
	for i, e := range d.entries {
		if k, err := hashKey(e.key); err == nil && k == h {
			return i, true
		}
	}
	return 0, false
}

func (d *Dict) set(key, v Value) error {
	h, err := hashKey(key)
	if err != nil {
		return err
	}
	if i, ok := d.find(h); ok {
		d.entries[i].value = v
		return nil
	}
	if len(d.entries) == dictScan && d.index == nil {
		d.index = make(map[any]int)
		for i, e := range d.entries {
			k, _ := hashKey(e.key)
			d.index[k] = i
		}
	}
	if d.index != nil {
		d.index[h] = len(d.entries)
	}
	d.entries = append(d.entries, entry{key, v})
	return nil
}

func (d *Dict) clone() *Dict {
	out := &Dict{origin: d.origin}
	for _, e := range d.entries {
		out.set(e.key, e.value)
	}
	return out
}

// hashKey returns a comparable stand-in for a key: equal for keys that Python
// holds equal, as 1, 1.0 and true.
func hashKey(v Value) (any, error) {
	switch v := v.(type) {
	case *Text:
		return v.s, nil
	case nil:
		return struct{}{}, nil
	case bool, int64:
		i, _, _, _ := number(v)
		return i, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			return int64(v), nil
		}
		return v, nil
	case *big.Int:
		return [1]string{v.String()}, nil
	case *List:
		if v.tuple {
			return nil, fmt.Errorf("tuples as dict keys are not supported")
		}
	}
	if err := defined(v); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("unhashable type: '%s'", typeName(v))
}

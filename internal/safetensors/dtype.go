package safetensors

import "fmt"

// DType is the type of a tensor's elements.
type DType uint8

// The dtypes of the format. Their order is the format's own: a writer places
// tensors of later dtypes first, which aligns every element to its size.
const (
	BOOL    DType = iota + 1
	F4            // E2M1, two to a byte
	F6_E2M3       // four in three bytes
	F6_E3M2       // four in three bytes
	U8
	I8
	F8_E5M2
	F8_E4M3 // no infinities (OCP E4M3, PyTorch's float8_e4m3fn)
	F8_E8M0 // a power of two: the scale of a block
	F8_E4M3FNUZ
	F8_E5M2FNUZ
	I16
	U16
	F16
	BF16
	I32
	U32
	F32
	C64 // two F32
	F64
	I64
	U64
)

var dtypes = [...]struct {
	name string
	bits uint64
}{
	BOOL: {"BOOL", 8}, F4: {"F4", 4}, F6_E2M3: {"F6_E2M3", 6}, F6_E3M2: {"F6_E3M2", 6},
	U8: {"U8", 8}, I8: {"I8", 8},
	F8_E5M2: {"F8_E5M2", 8}, F8_E4M3: {"F8_E4M3", 8}, F8_E8M0: {"F8_E8M0", 8},
	F8_E4M3FNUZ: {"F8_E4M3FNUZ", 8}, F8_E5M2FNUZ: {"F8_E5M2FNUZ", 8},
	I16: {"I16", 16}, U16: {"U16", 16}, F16: {"F16", 16}, BF16: {"BF16", 16},
	I32: {"I32", 32}, U32: {"U32", 32}, F32: {"F32", 32},
	C64: {"C64", 64}, F64: {"F64", 64}, I64: {"I64", 64}, U64: {"U64", 64},
}

// ParseDType returns the dtype a header calls name. Names are case-exact.
func ParseDType(name string) (DType, error) {
	for d := BOOL; d <= U64; d++ {
		if dtypes[d].name == name {
			return d, nil
		}
	}
	return 0, fmt.Errorf("unknown dtype %q", clip(name))
}

// String returns the name the format gives to the dtype.
func (d DType) String() string {
	if !d.valid() {
		return fmt.Sprintf("DType(%d)", uint8(d))
	}
	return dtypes[d].name
}

// Bits returns the size of one element in bits: 4 and 6 for F4 and F6, a
// multiple of 8 for all others, 0 for a value that is no dtype.
func (d DType) Bits() int {
	if !d.valid() {
		return 0
	}
	return int(dtypes[d].bits)
}

func (d DType) valid() bool { return d >= BOOL && d <= U64 }

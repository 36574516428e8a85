package pdftext

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
)

// cryptMethod is how a crypt filter turns bytes (PDF 32000-2:2020, table 25).
type cryptMethod string

const (
	cryptNone  cryptMethod = "None"
	cryptRC4   cryptMethod = "V2"
	cryptAES   cryptMethod = "AESV2" // 128 bits
	cryptAES3  cryptMethod = "AESV3" // 256 bits
	identityCF             = "Identity"
)

// decryption opens the streams of a file that the standard security handler
// encrypted and that needs no password (PDF 32000-2:2020, section 7.6). The
// strings of such a file are not decrypted: no text depends on them.
type decryption struct {
	key     []byte
	streams cryptMethod            // of the streams that name no filter
	filters map[string]cryptMethod // by name
}

// encryption is the encryption dictionary of the standard security handler.
type encryption struct {
	version, revision int
	length            int // of the key, in bits
	permissions       uint32
	owner, user       []byte // O, U
	userKey           []byte // UE
	metadata          bool   // EncryptMetadata
	filters           map[string]cryptMethod
	filterLength      int // of the key, as the streams' crypt filter says it
	streams           string
	id                []byte // first part of the file's identifier
}

// newDecryption derives the key of a file from its encryption dictionary and
// the empty password.
func newDecryption(dict dictionary, id []byte) (*decryption, error) {
	e, err := readEncryption(dict, id)
	if err != nil {
		return nil, err
	}
	d := &decryption{filters: e.filters, streams: e.method(e.streams)}
	if e.revision >= 5 {
		d.key, err = e.longKey()
	} else {
		d.key, err = e.shortKey()
	}
	return d, err
}

func readEncryption(dict dictionary, id []byte) (encryption, error) {
	e := encryption{
		version: dict.int("V", 0), revision: dict.int("R", 0), length: dict.int("Length", 40),
		permissions: uint32(int64(dict["P"].num)), owner: dict["O"].bytes, user: dict["U"].bytes, userKey: dict["UE"].bytes,
		metadata: string(dict["EncryptMetadata"].bytes) != "false", id: id,
	}
	if handler := string(dict["Filter"].bytes); handler != "Standard" {
		return e, fmt.Errorf("%w: it is for the security handler %q", errEncrypted, handler)
	}
	short := e.version >= 1 && e.version <= 4 && e.version != 3 && e.revision >= 2 && e.revision <= 4
	long := e.version == 5 && (e.revision == 5 || e.revision == 6)
	switch {
	case !short && !long:
		return e, fmt.Errorf("%w: version %d, revision %d of the security handler is not known", errEncrypted, e.version, e.revision)
	case short && (len(e.owner) < 32 || len(e.user) < 32), long && (len(e.user) < 48 || len(e.userKey) < 32):
		return e, errors.New("the encryption dictionary is damaged")
	}
	if e.version < 4 {
		e.streams, e.filters = "", map[string]cryptMethod{"": cryptRC4}
		return e, nil
	}
	e.streams, e.filters = identityCF, make(map[string]cryptMethod)
	if name := dict["StmF"].bytes; len(name) > 0 {
		e.streams = string(name)
	}
	for name, v := range parseDictionary(dict["CF"].bytes) {
		filter := parseDictionary(v.bytes)
		e.filters[name] = cryptMethod(filter["CFM"].bytes)
		if name == e.streams {
			e.filterLength = filter.int("Length", 0)
		}
	}
	return e, nil
}

// method returns what the crypt filter of a name does. A name that the file
// does not define leaves bytes as they are, as Identity does.
func (e encryption) method(name string) cryptMethod {
	if m, ok := e.filters[name]; ok && name != identityCF {
		return m
	}
	return cryptNone
}

// passwordPad fills passwords up to 32 bytes, the empty one entirely.
var passwordPad = []byte("\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a")

// shortKey is Algorithm 2, for revisions 2 to 4. Writers disagree on where the
// length of the key stands, and in which unit: the length that the user
// password's check confirms is taken.
func (e encryption) shortKey() ([]byte, error) {
	lengths := []int{e.length / 8, e.filterLength, e.filterLength / 8, 16, 5}
	if e.revision == 2 {
		lengths = []int{5}
	}
	for _, n := range lengths {
		if n < 5 || n > 16 {
			continue
		}
		if key := e.keyOfLength(n); bytes.HasPrefix(e.user, e.userCheck(key)) {
			return key, nil
		}
	}
	return nil, errEncrypted
}

func (e encryption) keyOfLength(n int) []byte {
	h := md5.New()
	h.Write(passwordPad)
	h.Write(e.owner[:32])
	h.Write(binary.LittleEndian.AppendUint32(nil, e.permissions))
	h.Write(e.id)
	if e.revision >= 4 && !e.metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if e.revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:n])
			key = sum[:]
		}
	}
	return key[:n]
}

// userCheck is what U begins with when key is right: Algorithms 4 and 5.
func (e encryption) userCheck(key []byte) []byte {
	if e.revision == 2 {
		return rc4Bytes(key, passwordPad)
	}
	sum := md5.Sum(append(bytes.Clone(passwordPad), e.id...))
	check := sum[:]
	for i := range 20 {
		round := bytes.Clone(key)
		for j := range round {
			round[j] ^= byte(i)
		}
		check = rc4Bytes(round, check)
	}
	return check
}

// rc4Bytes returns data turned by RC4; keys are 5 to 16 bytes long, which the
// cipher accepts.
func rc4Bytes(key, data []byte) []byte {
	out := make([]byte, len(data))
	if c, err := rc4.NewCipher(key); err == nil {
		c.XORKeyStream(out, data)
	}
	return out
}

// longKey is Algorithm 2.A, for revisions 5 and 6: U holds a hash of 32 bytes
// and two salts of 8, UE the file's key.
func (e encryption) longKey() ([]byte, error) {
	check, checkSalt, keySalt := e.user[:32], e.user[32:40], e.user[40:48]
	if !bytes.Equal(e.hash(checkSalt), check) {
		return nil, errEncrypted
	}
	return cbcDecrypt(e.hash(keySalt), make([]byte, aes.BlockSize), e.userKey[:32]), nil
}

// hash is Algorithm 2.B for the empty user password.
func (e encryption) hash(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	if e.revision < 6 {
		return k
	}
	for round, last := 0, byte(0); round < 64 || int(last) > round-32; round++ {
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		data := bytes.Repeat(k, 64)
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(data, data)
		rest := 0
		for _, b := range data[:16] {
			rest += int(b) // 256 is 1 modulo 3
		}
		h := []hash.Hash{sha256.New(), sha512.New384(), sha512.New()}[rest%3]
		h.Write(data)
		k, last = h.Sum(nil), data[len(data)-1]
	}
	return k[:32]
}

// cbcDecrypt decrypts whole blocks; what is left of data is dropped.
func cbcDecrypt(key, iv, data []byte) []byte {
	out := make([]byte, len(data)/aes.BlockSize*aes.BlockSize)
	if block, err := aes.NewCipher(key); err == nil {
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data[:len(out)])
	}
	return out
}

// open decrypts the bytes of a stream of an object by the named crypt filter,
// or by the one that streams have where named is false.
func (d *decryption) open(data []byte, id, gen int, filter string, named bool) ([]byte, error) {
	method := d.streams
	if named {
		method = cryptNone
		if filter != identityCF {
			method = d.filters[filter]
		}
	}
	switch method {
	case cryptNone, "":
		return data, nil
	case cryptRC4:
		return rc4Bytes(d.objectKey(id, gen, ""), data), nil
	case cryptAES:
		return openAES(d.objectKey(id, gen, "sAlT"), data), nil
	case cryptAES3:
		return openAES(d.key, data), nil
	}
	return nil, fmt.Errorf("%w: the method %q is not known", errEncrypted, method)
}

// objectKey is Algorithm 1.
func (d *decryption) objectKey(id, gen int, salt string) []byte {
	seed := append(bytes.Clone(d.key), byte(id), byte(id>>8), byte(id>>16), byte(gen), byte(gen>>8))
	sum := md5.Sum(append(seed, salt...))
	return sum[:min(len(d.key)+5, len(sum))]
}

// openAES decrypts data that begins with its initialisation vector and ends
// with padding.
func openAES(key, data []byte) []byte {
	if len(data) < 2*aes.BlockSize {
		return nil
	}
	out := cbcDecrypt(key, data[:aes.BlockSize], data[aes.BlockSize:])
	if pad := int(out[len(out)-1]); pad >= 1 && pad <= aes.BlockSize {
		out = out[:len(out)-pad]
	}
	return out
}

// dictionary holds the entries of a dictionary: numbers, strings, names and
// other words; nested dictionaries as their source text.
type dictionary map[string]operand

// int returns an integer entry, or otherwise what is given.
func (d dictionary) int(key string, otherwise int) int {
	if v, ok := d[key]; ok && v.kind == tokenNumber {
		return int(v.num)
	}
	return otherwise
}

// parseDictionary reads the entries of a dictionary from the text behind its
// "<<". Unlike the library's, its strings may hold any escape.
func parseDictionary(text []byte) dictionary {
	d := make(dictionary)
	l := &lexer{data: text}
	for {
		key := l.next()
		switch {
		case key.kind == tokenEOF, key.kind == tokenDelim && key.bytes[0] == '>':
			return d
		case key.kind != tokenName:
			continue
		}
		name := string(key.bytes)
		if v := l.next(); v.kind != tokenEOF {
			d[name] = readOperand(l, v)
		}
	}
}

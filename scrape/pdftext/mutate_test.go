package pdftext

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// bundledFiles returns the small PDF files of the bundled exam site, their
// streams inflated so that changes reach what stands in them.
func bundledFiles(t testing.TB) [][]byte {
	var files [][]byte
	paths, _ := filepath.Glob("../examsite/site/*/*/*.pdf")
	more, _ := filepath.Glob("../examsite/site/*/*.pdf")
	for _, path := range append(paths, more...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) < 60_000 {
			files = append(files, inflateStreams(data))
		}
	}
	if len(files) == 0 {
		t.Fatal("no PDF files in ../examsite/site")
	}
	return files
}

var flateStream = regexp.MustCompile(`(?s)/Filter\s*/FlateDecode([^>]{0,80}>>\s*stream\r?\n)(.*?)endstream`)

func inflateStreams(data []byte) []byte {
	return flateStream.ReplaceAllFunc(data, func(m []byte) []byte {
		parts := flateStream.FindSubmatch(m)
		z, err := zlib.NewReader(bytes.NewReader(parts[2]))
		if err != nil {
			return m
		}
		plain, _ := io.ReadAll(z)
		if len(plain) == 0 || len(plain) > 1<<16 {
			return m
		}
		return append(append(bytes.Clone(parts[1]), plain...), "\nendstream"...)
	})
}

var pdfToken = regexp.MustCompile(`/[A-Za-z0-9]+|\d+ \d+ R|-?\d+(?:\.\d+)?|<<|>>|[\[\]()]|\b(?:obj|endobj|stream|endstream|BT|ET|TJ|Tj|Tf|Tm|Td|cm|Do|re|begin\w+|end\w+)\b`)

// mutate changes some tokens of a file for others that may stand there.
func mutate(data []byte, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	tokens := pdfToken.FindAllIndex(data, -1)
	out := bytes.Clone(data)
	for range 1 + r.IntN(4) {
		t := tokens[r.IntN(len(tokens))]
		other := tokens[r.IntN(len(tokens))]
		if other[1] > len(out) || t[1] > len(out) {
			continue
		}
		var with []byte
		switch r.IntN(7) {
		case 0: // another token of the file
			with = bytes.Clone(data[other[0]:other[1]])
		case 1: // a number on an edge
			with = []byte(strconv.FormatInt([]int64{0, -1, 1, 255, 256, 65535, 65536, 1 << 31, -1 << 31, 1<<63 - 1}[r.IntN(10)], 10))
		case 2: // a reference to any object, perhaps around again
			with = []byte(fmt.Sprintf("%d 0 R", r.IntN(60)))
		case 3: // nothing
		case 4: // the token many times
			with = bytes.Repeat(append(bytes.Clone(data[t[0]:t[1]]), ' '), 1+r.IntN(2000))
		case 5: // a filter, a type or a key that changes the meaning
			with = []byte([]string{"/FlateDecode", "/LZWDecode", "/Crypt", "/ObjStm", "/Type3", "/Type0", "/Form", "/Encrypt", "/Predictor 15", "/Kids", "/DescendantFonts", "/CharProcs"}[r.IntN(12)])
		case 6: // the rest of the file moves here
			with = bytes.Clone(data[other[0]:min(len(data), other[0]+r.IntN(5000))])
		}
		out = append(append(bytes.Clone(out[:t[0]]), with...), out[t[1]:]...)
	}
	return out
}

// FuzzStructure changes real files where their structure is.
func FuzzStructure(f *testing.F) {
	files := bundledFiles(f)
	for i := range files {
		f.Add(i, uint64(i))
	}
	f.Fuzz(func(t *testing.T, file int, seed uint64) {
		data := mutate(files[uint(file)%uint(len(files))], seed)
		start := time.Now()
		text := Extract(context.Background(), data)
		if text.Verdict == "" {
			t.Error("no verdict")
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

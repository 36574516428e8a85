package pdftext

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/document"
)

// qpdf writes a file with the given arguments and returns it.
func qpdf(t *testing.T, plain []byte, args ...string) []byte {
	t.Helper()
	tool, err := exec.LookPath("qpdf")
	if err != nil {
		skipWithout(t, "qpdf")
	}
	in, out := filepath.Join(t.TempDir(), "in.pdf"), filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(in, plain, 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(tool, append([]string{in, "--allow-weak-crypto"}, append(args, out)...)...).CombinedOutput(); err != nil && !strings.Contains(string(said), "warnings") {
		t.Fatalf("qpdf: %v: %s", err, said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// encryptions are all that qpdf writes.
var encryptions = map[string]string{
	"RC4 40":                  "40 --",
	"RC4 128":                 "128 --use-aes=n --",
	"RC4 128 V4":              "128 --use-aes=n --force-V4 --",
	"AES 128":                 "128 --use-aes=y --",
	"AES 128 clear metadata":  "128 --use-aes=y --cleartext-metadata --",
	"AES 256 R5":              "256 --force-R5 --",
	"AES 256 R6":              "256 --",
	"AES 256 clear metadata":  "256 --cleartext-metadata --",
	"AES 256 little allowed":  "256 --print=none --modify=none --extract=n --",
	"AES 256 packed objects":  "256 -- --object-streams=generate",
	"AES 128 packed objects":  "128 --use-aes=y -- --object-streams=generate",
	"RC4 40 linearised":       "40 -- --linearize",
	"AES 256 R6 linearised":   "256 -- --linearize --object-streams=generate",
	"AES 256 not compressed":  "256 -- --stream-data=uncompress --compress-streams=n",
	"AES 128 more than a key": "128 --use-aes=y --modify=none -- --stream-data=compress",
}

func TestEncryptedFilesAreReadWithoutPassword(t *testing.T) {
	plain := pdfFile(padding, padding+"BT /F3 10 Tf 50 700 Td [<00010002>] TJ ET")
	want := Extract(context.Background(), plain).String()
	for name, args := range encryptions {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(args)
			got := Extract(context.Background(), qpdf(t, plain, append([]string{"--encrypt", "", "owner"}, args...)...))
			if got.Verdict != document.VerdictText || got.String() != want {
				t.Errorf("verdict %s (%s), text %q", got.Verdict, got.Detail, got.String())
			}
			got = Extract(context.Background(), qpdf(t, plain, append([]string{"--encrypt", "élève", "owner"}, args...)...))
			if got.Verdict != document.VerdictEncrypted {
				t.Errorf("with a password: verdict %s (%s)", got.Verdict, got.Detail)
			}
		})
	}
}

// TestCryptFilters turns streams by hand, as qpdf writes no filters of their own.
func TestCryptFilters(t *testing.T) {
	d := &decryption{
		key: []byte("0123456789abcdef"), streams: cryptRC4,
		filters: map[string]cryptMethod{"A": cryptAES, "N": cryptNone, "X": "AESV9"},
	}
	secret := rc4Bytes(d.objectKey(7, 1, ""), []byte("texte"))
	for _, c := range []struct {
		filter string
		named  bool
		want   string
	}{{"", false, "texte"}, {"Identity", true, string(secret)}, {"N", true, string(secret)}, {"absent", true, string(secret)}} {
		if got, err := d.open(secret, 7, 1, c.filter, c.named); err != nil || string(got) != c.want {
			t.Errorf("filter %q: %q, %v", c.filter, got, err)
		}
	}
	if _, err := d.open(secret, 7, 1, "X", true); err == nil {
		t.Error("an unknown method is accepted")
	}
	for _, n := range []int{0, 15, 16, 31, 33} {
		if got, err := d.open(make([]byte, n), 7, 1, "A", true); err != nil || len(got) > n {
			t.Errorf("%d bytes: %q, %v", n, got, err)
		}
	}
}

func TestEncryptionDictionaryInTheTrailer(t *testing.T) {
	locked := qpdf(t, pdfFile(padding), "--encrypt", "", "owner", "256", "--")
	_, rest, _ := bytes.Cut(locked, []byte("/Encrypt "))
	var id int
	if _, err := fmt.Sscan(string(rest), &id); err != nil {
		t.Fatal(err)
	}
	_, dict, _ := bytes.Cut(locked, []byte(fmt.Sprintf("\n%d 0 obj\n", id)))
	dict, _, _ = bytes.Cut(dict, []byte("\nendobj"))
	inline := bytes.Replace(locked, []byte(fmt.Sprintf("/Encrypt %d 0 R", id)), append([]byte("/Encrypt "), dict...), 1)
	if got := Extract(context.Background(), inline); got.Verdict != document.VerdictText {
		t.Errorf("verdict %s (%s)", got.Verdict, got.Detail)
	}
}

func FuzzDecryption(f *testing.F) {
	f.Add([]byte("/Filter/Standard/V 5/R 6/O<00>/U<"+strings.Repeat("00", 48)+">/UE<"+strings.Repeat("00", 32)+">>>"), []byte("id"))
	f.Add([]byte("/Filter/Standard/V 4/R 4/CF<</StdCF<</CFM/AESV2/Length 16>>>>/StmF/StdCF/O<"+strings.Repeat("00", 32)+">/U<"+strings.Repeat("00", 32)+">>>"), []byte("id"))
	f.Fuzz(func(t *testing.T, dict, data []byte) {
		if d, err := newDecryption(parseDictionary(dict), data[:min(len(data), 16)]); err == nil {
			d.open(data, 1, 0, "StdCF", true)
		}
	})
}

package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// VerifyReport is what Verify found.
type VerifyReport struct {
	Dir         string   `json:"dir"`
	Fingerprint string   `json:"fingerprint"` // of the manifest
	Files       int      `json:"files"`       // checked
	Rows        int64    `json:"rows"`        // samples checked
	Dropped     int64    `json:"dropped"`     // dropped samples read
	Tokens      string   `json:"tokens"`      // TokensNone, TokensChecked or TokensNotChecked
	Differences []string `json:"differences"` // one sentence each; none when all is well
}

// What Verify did about the tokens that a manifest counts.
const (
	TokensNone       = "none"        // it counts none
	TokensChecked    = "checked"     // counted again
	TokensNotChecked = "not checked" // no tokenizer was given; only the sums were checked
)

// Verify recomputes everything a dataset directory says of itself: sizes,
// hashes and rows of the files, the schema, the rules of every sample, unique
// ids, totals, balances and card; and looks for files missing and files too
// many. Of tokens it checks the sums only. What differs is in the report. The
// error is for what keeps Verify from looking: a missing or unreadable
// manifest, or ctx.
func Verify(ctx context.Context, dir string) (VerifyReport, error) {
	return VerifyTokens(ctx, dir, nil)
}

// VerifyTokens is Verify, and counts the tokens again with counter, unless
// that is nil. A manifest that counts none is an error then.
func VerifyTokens(ctx context.Context, dir string, counter *TokenCounter) (VerifyReport, error) {
	m, fingerprint, err := ReadManifest(dir)
	if err != nil {
		return VerifyReport{}, err
	}
	if counter != nil && m.Tokenizer == nil {
		return VerifyReport{}, fmt.Errorf("%s counts no tokens; verify it without a tokenizer", filepath.Join(dir, ManifestName))
	}
	v := verifier{
		ctx: ctx, dir: dir, manifest: m, stats: newStats(), splits: map[string]*Split{}, counter: counter,
		VerifyReport: VerifyReport{Dir: dir, Fingerprint: fingerprint, Tokens: TokensNone, Differences: []string{}},
	}
	v.tokenizer()
	for _, s := range m.Shards {
		v.samples(s)
	}
	for _, s := range m.Dropped {
		v.droppedSamples(s)
	}
	v.totals()
	v.filesOnDisk()
	v.card()
	for _, b := range m.Balances {
		if err := b.Check(); err != nil {
			v.differ("%s: %v", ManifestName, err)
		}
	}
	return v.VerifyReport, ctx.Err()
}

type verifier struct {
	VerifyReport
	ctx      context.Context
	dir      string
	manifest Manifest
	counter  *TokenCounter // nil: tokens are taken from the manifest
	stats    *Stats
	splits   map[string]*Split          // recomputed
	ids      map[string]map[string]bool // by split
}

func (v *verifier) differ(format string, args ...any) {
	v.Differences = append(v.Differences, fmt.Sprintf(format, args...))
}

// tokenizer decides whether tokens can be counted.
func (v *verifier) tokenizer() {
	switch want := v.manifest.Tokenizer; {
	case want == nil:
	case v.counter == nil:
		v.Tokens = TokensNotChecked
	case v.counter.SHA256 != want.SHA256:
		v.differ("%s: its tokens are of %s with SHA-256 %s, not of this %s with %s", ManifestName, want.Name, want.SHA256, v.counter.Name, v.counter.SHA256)
		v.Tokens, v.counter = TokensNotChecked, nil
	default:
		v.Tokens = TokensChecked
	}
}

// samples checks one file of samples.
func (v *verifier) samples(s Shard) {
	if !v.file(s) {
		return
	}
	split := v.splits[s.Split]
	if split == nil {
		split = &Split{Name: s.Split}
		v.splits[s.Split] = split
	}
	if v.ids == nil {
		v.ids = map[string]map[string]bool{}
	}
	if v.ids[s.Split] == nil {
		v.ids[s.Split] = map[string]bool{}
	}
	tokens := int64(0)
	rows := countRows(v, s, func(row int64, sample Sample) {
		if v.counter != nil {
			tokens += v.counter.total(sample.Messages)
		}
		split.ArrowBytes += arrowBytes(reflect.ValueOf(sample))
		v.stats.add(s.Split, sample)
		if err := sample.Validate(); err != nil {
			v.differ("%s: row %d, sample %s: %s", s.Path, row, sample.ID, oneLine(err))
		}
		if v.ids[s.Split][sample.ID] {
			v.differ("%s: row %d: id %s is in split %s already", s.Path, row, sample.ID, s.Split)
		}
		v.ids[s.Split][sample.ID] = true
	})
	split.Rows += rows
	split.Bytes += s.Bytes // v.file has compared it
	if v.counter == nil {
		tokens = s.Tokens
	} else if tokens != s.Tokens {
		v.differ("%s: %d tokens, the manifest says %d", s.Path, tokens, s.Tokens)
	}
	split.Tokens += tokens
	v.Rows += rows
}

// oneLine joins the parts of a joined error with semicolons.
func oneLine(err error) string {
	return string(bytes.ReplaceAll([]byte(err.Error()), []byte("\n"), []byte("; ")))
}

func (v *verifier) droppedSamples(s Shard) {
	if v.file(s) {
		v.Dropped += countRows(v, s, func(row int64, d Dropped) {
			if d.Filter == "" || d.Reason == "" {
				v.differ("%s: row %d, sample %s: dropped without a filter or a reason", s.Path, row, d.ID)
			}
		})
	}
}

// file checks size and hash, and tells whether the file is worth reading.
func (v *verifier) file(s Shard) bool {
	if v.ctx.Err() != nil {
		return false
	}
	v.Files++
	f, err := os.Open(filepath.Join(v.dir, s.Path))
	if errors.Is(err, fs.ErrNotExist) {
		v.differ("%s: the file is missing", s.Path)
		return false
	}
	if err != nil {
		v.differ("%s: %v", s.Path, err)
		return false
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	if err != nil {
		v.differ("%s: %v", s.Path, err)
		return false
	}
	if n != s.Bytes {
		v.differ("%s: %d bytes, the manifest says %d", s.Path, n, s.Bytes)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != s.SHA256 {
		v.differ("%s: SHA-256 is %s, the manifest says %s", s.Path, sum, s.SHA256)
	}
	return true
}

// countRows reads a file, hands every row to each, and compares schema and
// number of rows.
func countRows[T any](v *verifier, s Shard, each func(row int64, value T)) (rows int64) {
	path := filepath.Join(v.dir, s.Path)
	if err := checkSchema[T](path); err != nil {
		v.differ("%s: %v", s.Path, err)
	}
	for value, err := range ownRows[T](path) {
		if err == nil {
			err = v.ctx.Err()
		}
		if err != nil {
			v.differ("%s: %v", s.Path, err)
			return rows
		}
		each(rows, value)
		rows++
	}
	if rows != s.Rows {
		v.differ("%s: %d rows, the manifest says %d", s.Path, rows, s.Rows)
	}
	return rows
}

// checkSchema compares the columns of a file, and what it tells Hugging Face
// of them, with those of T.
func checkSchema[T any](path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	file, err := openParquet(f)
	if err != nil {
		return nil // reading the rows reports it
	}
	if want := parquet.SchemaOf(*new(T)); file.Schema().String() != want.String() {
		return fmt.Errorf("its columns are not those of the record: %s", file.Schema())
	}
	if features, _ := file.Lookup("huggingface"); features != hubSchema(reflect.TypeFor[T]()) {
		return errors.New("the features under the key huggingface are not those of the record")
	}
	return nil
}

// totals compares the splits of the manifest with what the files hold.
func (v *verifier) totals() {
	for _, want := range v.manifest.Splits {
		got := v.splits[want.Name]
		if got == nil {
			got = &Split{Name: want.Name}
		}
		if *got != want {
			v.differ("split %s: %d rows, %d bytes, %d in memory, %d tokens; the manifest says %d, %d, %d, %d",
				want.Name, got.Rows, got.Bytes, got.ArrowBytes, got.Tokens, want.Rows, want.Bytes, want.ArrowBytes, want.Tokens)
		}
		delete(v.splits, want.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(v.splits)) {
		v.differ("split %s: the manifest has shards of it, but no total", name)
	}
	if v.stats.Rehearsal != v.manifest.Rehearsal {
		v.differ("%d samples were made in a rehearsal; the manifest says %d", v.stats.Rehearsal, v.manifest.Rehearsal)
	}
}

// bookkeeping is what git and the Hub's client keep in a copy of a dataset.
var bookkeeping = []string{".git", ".gitattributes", ".cache"}

// filesOnDisk looks for files that no manifest entry explains.
func (v *verifier) filesOnDisk() {
	known := map[string]bool{ManifestName: true, cardName: true}
	for _, s := range slices.Concat(v.manifest.Shards, v.manifest.Dropped) {
		known[filepath.FromSlash(s.Path)] = true
	}
	err := filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains(bookkeeping, d.Name()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(v.dir, path)
		if err == nil && !known[name] {
			v.differ("%s: the manifest does not know this file", filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		v.differ("%v", err)
	}
}

// card compares README.md with the card that the data give.
func (v *verifier) card() {
	got, err := os.ReadFile(filepath.Join(v.dir, cardName))
	if err != nil {
		v.differ("%s: %v", cardName, err)
		return
	}
	want, err := renderCard(v.manifest, v.stats)
	if err != nil {
		v.differ("%s: %v", cardName, err)
		return
	}
	gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || !bytes.Equal(gotLines[i], wantLines[i]) {
			v.differ("%s: line %d is not what the data give; write it again with luth dataset card", cardName, i+1)
			return
		}
	}
}

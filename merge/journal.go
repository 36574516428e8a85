package merge

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/safetensors"
)

const (
	journalName   = "merge.journal"
	workSuffix    = ".partial"
	maxJournal    = 1 << 30
	maxJournalRow = 1 << 20
)

// A TensorRecord is what the merge did to one tensor.
type TensorRecord struct {
	Tensor   string `json:"tensor"`
	Branch   string `json:"branch"` // what the method decided: slerp, lerp, …
	NaN      int64  `json:"nan,omitempty"`
	Inf      int64  `json:"inf,omitempty"`
	Overflow int64  `json:"overflow,omitempty"` // finite, and too large for the type
}

func record(name, branch string, c safetensors.Count) TensorRecord {
	return TensorRecord{name, branch, c.NaN, c.Inf, c.Overflow}
}

// A journal says which tensors of a result are finished. Its first line tells
// which merge it belongs to, every other line is a TensorRecord. A line that a
// kill cut short does not count.
type journal struct {
	file *os.File
	done map[string]TensorRecord
}

type journalHead struct {
	Luth string `json:"luth"`
	Key  string `json:"key"`
}

// openJournal goes on with the journal in dir, or begins one. The error of one
// that belongs to another merge says what to do.
func openJournal(dir, key string) (*journal, error) {
	path := filepath.Join(dir, journalName)
	j := &journal{done: map[string]TensorRecord{}}
	text, err := readSmall(path, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return j, j.begin(path, key)
	}
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if whole == 0 { // killed before the first line was whole
		return j, j.begin(path, key)
	}
	if err := j.read(text[:whole], key, dir); err != nil {
		return nil, err
	}
	if j.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return nil, err
	}
	err = j.file.Truncate(int64(whole))
	if err == nil {
		_, err = j.file.Seek(int64(whole), 0)
	}
	return j, err
}

func (j *journal) begin(path, key string) (err error) {
	if j.file, err = os.Create(path); err != nil {
		return err
	}
	return j.line(journalHead{dataset.Version, key})
}

func (j *journal) read(text []byte, key, dir string) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxJournalRow)
	var head journalHead
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil {
		return fmt.Errorf("%s is not a journal of luth merge; remove %s to start anew", journalName, dir)
	}
	if head != (journalHead{dataset.Version, key}) {
		return fmt.Errorf("%s holds another unfinished merge: the configuration, the models, the options or luth were others; remove it to start anew", dir)
	}
	for lines.Scan() {
		var r TensorRecord
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("%s in %s is damaged (%w); remove the folder to start anew", journalName, dir, err)
		}
		j.done[r.Tensor] = r
	}
	return lines.Err()
}

func (j *journal) line(v any) error {
	raw, err := plainJSON(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(raw, '\n'))
	return err
}

// add records finished tensors, and makes the record durable. Their data must
// be durable before.
func (j *journal) add(records []TensorRecord) error {
	for _, r := range records {
		if err := j.line(r); err != nil {
			return fmt.Errorf("write %s: %w", j.file.Name(), err)
		}
		j.done[r.Tensor] = r
	}
	return j.file.Sync()
}

// finished are the names of the finished tensors.
func (j *journal) finished() (names []string) {
	for name := range j.done {
		names = append(names, name)
	}
	return names
}

func (j *journal) close() error { return j.file.Close() }

// key is a hash of everything that decides the result.
func (p *mergePlan) key(config []byte, opts Options) (string, error) {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %d %v %d\n", config, p.doc.Name, opts.Seed, opts.Compat, opts.ShardBytes)
	for _, t := range p.tensors {
		fmt.Fprintf(hash, "%q %v %v\n", t.Spec.Name, t.Spec.DType, t.Spec.Shape)
	}
	for _, m := range p.inputs {
		if m.weights == nil {
			continue // a result, which the configuration decides
		}
		for _, f := range m.weights.Files() {
			info, err := os.Stat(f.Path())
			if err != nil {
				return "", err
			}
			fmt.Fprintf(hash, "%q %q %d %d\n", m.ref, filepath.Base(f.Path()), info.Size(), info.ModTime().UnixNano())
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

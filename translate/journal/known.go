package journal

import (
	"context"
	"database/sql"
	"encoding/binary"
	"sync/atomic"

	"github.com/kurakurai/luth/translate/llm"
)

// known tells without a look at the disk that a key is not in the journal,
// which is so for every question of a first run. It is a Bloom filter of fixed
// size: with two million keys one look in a thousand is in vain, with more of
// them more are, and none is ever missed.
type known struct{ words [knownWords]atomic.Uint64 }

const (
	knownWords = 1 << 19 // 4 MiB
	knownTests = 6
)

// places returns the bits of a key: its own bytes are as random as any hash.
func (k *known) places(key llm.Key) (bits [knownTests]uint32) {
	for i := range bits {
		bits[i] = binary.LittleEndian.Uint32(key[4*i:]) % (knownWords * 64)
	}
	return bits
}

func (k *known) add(key llm.Key) {
	for _, bit := range k.places(key) {
		k.words[bit/64].Or(1 << (bit % 64))
	}
}

// maybe is false only for keys that were never added.
func (k *known) maybe(key llm.Key) bool {
	for _, bit := range k.places(key) {
		if k.words[bit/64].Load()&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// load adds all keys of a journal.
func (k *known) load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT key FROM answers")
	if err != nil {
		return err
	}
	defer rows.Close()
	var raw sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		var key llm.Key
		copy(key[:], raw)
		k.add(key)
	}
	return rows.Err()
}

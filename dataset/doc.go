// Package dataset is the centre of luth: the record every stage reads and
// writes, the directory it is kept in, and the recipe that makes it.
//
// # The record
//
// A [Sample] is one conversation: messages of a user and an assistant in turn,
// maybe after one of the system. Its id is a hash of the messages
// ([ContentID]), so it is the same on every machine. Beside the messages stand
// subject, level and difficulty, the [Origin] (down to the page of a file or
// the row of a table), and one [Step] for every stage that made or changed it.
//
// # The directory
//
// A dataset is a folder that Hugging Face `datasets` loads as it is:
//
//	manifest.json                        what follows, with sizes and hashes
//	README.md                            the card, computed from the data
//	data/train-00000-of-00002.parquet    samples: zstd, page index, features
//	data/train-00001-of-00002.parquet
//	dropped/train.parquet                what stages took out, and why
//
// A folder without manifest.json is not a dataset. [Create] writes beside the
// folder and swaps it in, so that readers see the old dataset or the new one.
// The same samples give the same bytes: nothing in a dataset tells when, where
// or by how many goroutines it was written. docs/record-format.md describes
// every file for other implementers.
//
// # Reading and writing
//
// [Open] and [Dataset.Samples] read a directory, [ReadFile] one Parquet or
// JSONL file, also in the shapes of other projects, and [OpenAny] all of them.
// They are iterators and hold one batch of rows. A row that cannot be read is
// a [*RowError]; the caller stops there, or goes on and counts it
// ([SkipBad]). [Create] and [WriteFile] write.
//
// # Nothing is lost
//
// A stage accounts for what went into it with a [Balance]:
//
//	in = out + dropped (with a reason) + dead (with an error) + pending
//
// The equation is checked when a dataset is committed and when a recipe is
// built, and the balances of all stages stand in the manifest and on the card.
//
// # Recipes
//
// A [Recipe] is a YAML file that names stages and their parameters. A [Stage]
// reads the folder that the one before wrote and writes its own. [Build] runs
// those whose version, parameters or input changed.
package dataset

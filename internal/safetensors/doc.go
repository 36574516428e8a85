// Package safetensors reads and writes the weights of models in the format of
// Hugging Face, and converts their floating-point numbers.
//
// # The format
//
// A file is a length, a header and data, and nothing else:
//
//	8 bytes   N, the length of the header, little-endian
//	N bytes   the header: a JSON object, then spaces
//	          the data of the tensors, up to the end of the file
//
// The header has a key for each tensor and maybe one for text about the file:
//
//	{
//	  "__metadata__": {"format": "pt"},
//	  "model.norm.weight": {
//	    "dtype": "BF16",              the type of an element, see [DType]
//	    "shape": [1024],              row-major; [] is a scalar, a 0 means no data
//	    "data_offsets": [0, 2048]     from the end of the header, end exclusive
//	  }
//	}
//
// Elements are little-endian. The tensors cover the data without hole or
// overlap, so that no byte of a file is without meaning; they need not stand
// in the order of the header, nor be aligned to the size of an element.
// Writers put the larger elements first, which aligns them, and then sort by
// name, which is also what [Create] does: the same tensors and metadata give
// the same bytes as the official package, for one key of metadata at most; of
// several, the official order is random and ours sorted.
//
// A large model is several such files, model-00001-of-00003.safetensors and so
// on, and model.safetensors.index.json, which names the file of every tensor:
//
//	{
//	  "metadata": {"total_size": 4096},
//	  "weight_map": {"model.norm.weight": "model-00001-of-00003.safetensors"}
//	}
//
// The format is described at https://github.com/huggingface/safetensors#format.
//
// # Reading
//
// Weights come from strangers, so [Open] and [OpenModel] believe nothing:
// every rule above is checked before any data is read, lengths before memory
// is taken, and a file that breaks one is refused with a [*FormatError] that
// names the file, the tensor, the rule and what to do. Where the official
// package is lenient and two readers might see different models, they are
// strict: a name or a field that stands twice, unknown fields, padding that is
// not spaces, control characters in names, and an index that names files
// elsewhere are errors too. So are the limits: a header of 100 MB (the
// format's own), 1,000,000 tensors, 8 dimensions, names of 1024 bytes and
// sizes below 2^63. Pickles are refused unread.
//
// Values are not checked: they may be NaN or infinite. [Tensor.ReadAt] reads
// any part of a tensor; [File.Check] tells at the end whether the file changed
// meanwhile.
//
// # Writing
//
// The sizes of all tensors are known before their data, so [Create] writes the
// headers and takes the disk space first, and a [Writer] then puts pieces of
// tensors in their places, in any order and from several goroutines, holding
// none of them in memory. [Writer.Finish] insists that every byte was written
// once, makes the files durable, gives their checksums, and only then their
// names. [Resume] goes on after an interruption.
//
// # Converting
//
// [DecodeF32] and [EncodeF32], and their likes for float64, convert blocks of
// elements. Rounding is to nearest, ties to even, once; see [EncodeF32].
package safetensors

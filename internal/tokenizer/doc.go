// Package tokenizer turns text into tokens and back, for byte-level BPE: the
// tokenizer.json of Qwen2, Qwen3, Qwen3.5, LFM2, Llama 3, SmolLM2 and GPT-2.
// Ids, spans and decoded text are those of the Rust library `tokenizers` of
// Hugging Face, on any input.
//
// Text goes through these steps, each of which the file describes:
//
//	added tokens    "<|im_start|>" and the like are cut out
//	normaliser      the rest is brought to Unicode NFC, or left alone
//	pre-tokeniser   a regular expression cuts it into words
//	model           the bytes of a word are tokens, and neighbours merge, the
//	                merge of lowest rank first, until no merge is known
//	post-processor  tokens around the whole, such as one for the beginning
//
// What a file asks for beyond these is an error that names it. In particular
// a regular expression is known or refused: its scanner is written by hand.
//
// # Speed and memory
//
// Most words have been seen before, so every processor keeps a cache from
// words to tokens, of 2.5 MiB whatever the text. Encode and Count allocate
// nothing once their buffers have grown. A word without a space is merged in
// n log n steps with about 75 bytes for every byte; buffers beyond 1 MiB are
// given back after the text.
package tokenizer

// Package llm asks chat models behind OpenAI-compatible servers: vLLM, SGLang,
// llama.cpp and others.
//
// A [Request] is turned into its [Wire] once: the exact bytes that are sent,
// and the hash of them that answers are kept under. So nothing that decides an
// answer can be missing from its key, and nothing that is asked for, such as a
// temperature of 0, can be lost on the way.
//
// A [Pool] sends wires to one or more endpoints that serve the same model. It
// keeps as many requests in flight as raise the number of tokens generated per
// second, backs off when a server is overloaded, waits while one is down, and
// tries again what may succeed the second time. What comes back is an [Answer]
// that the model finished by itself, or an [*Error] with a [Class].
//
// go-openai carries the requests and gives the types of the protocol; its
// traps (omitted zeros, unread fields, accepted error bodies) are avoided by
// putting prepared bytes on the wire and by reading the raw answer.
package llm

// Package chat writes conversations as the text that a model was trained on,
// by the model's own chat template, and says where in that text each message
// stands.
//
// A chat template is a Jinja program that comes with the tokenizer. It is run
// as transformers.apply_chat_template runs it (transformers 5.24, jinja2
// 3.1.6): the same environment, filters, functions and treatment of messages.
// What cannot be run the same way is refused when the template is read.
//
// # Spans
//
// Loss masks need to know which bytes are whose. Searching the text for a
// message guesses: templates trim and rewrite content, the same content may
// stand in several messages, and content may look like a template. So the
// interpreter (package jinja) carries the origin of every byte through every
// operation, from the field of the message it was given to the text it writes;
// and what a loop over messages writes in one turn is known to be written for
// that message. Spans are read from this record of the one full render.
//
// # Why not a Jinja library
//
// No Go library gives the origin of bytes, and none can be made to without
// rewriting its values. None is exact either; docs/bench/chat.md has the
// figures for those that exist.
package chat

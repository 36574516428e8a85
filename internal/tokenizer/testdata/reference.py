#!/usr/bin/env python3
"""Answers for the Rust library `tokenizers`: the judge of internal/tokenizer.

    python3 reference.py TOKENIZER.json < requests > answers

A request is a line of JSON, {"text": ...} or {"ids": [...]}. The answer to a
text: ids without and with special tokens, and the span of every token in bytes
of the text. The answer to ids: the text with and without special tokens, and
what a stream gives for every id.
"""

import json
import sys

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream


def encode(tokenizer, text):
    plain = tokenizer.encode(text, add_special_tokens=False)
    at = [0]
    for c in text:
        at.append(at[-1] + len(c.encode()))
    return {
        "ids": plain.ids,
        "special": tokenizer.encode(text).ids,
        "spans": [[at[a], at[b]] for a, b in plain.offsets],
    }


def decode(tokenizer, ids):
    stream = DecodeStream(skip_special_tokens=False)
    return {
        "text": tokenizer.decode(ids, skip_special_tokens=False),
        "skipped": tokenizer.decode(ids, skip_special_tokens=True),
        "stream": [stream.step(tokenizer, i) or "" for i in ids],
    }


def answer(tokenizer, request):
    if "text" in request:
        return encode(tokenizer, request["text"])
    return decode(tokenizer, request["ids"])


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(answer(tokenizer, json.loads(line)), ensure_ascii=True, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()

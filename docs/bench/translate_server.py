#!/usr/bin/env python3
"""Runs luth against llama.cpp's own server with a tiny random model.

    go build -o luth . && python3 -m venv /tmp/v && /tmp/v/bin/pip install xllamacpp gguf numpy
    /tmp/v/bin/python docs/bench/translate_server.py ./luth ../shared/data/qwen3-tokenizer/tokenizer_config.json

Makes a Qwen3 of 2 layers with random weights and Qwen3's own chat template,
serves it, and prints what `luth translate doctor` says and how a translation of
200 rows ends. The model writes letters that mean nothing: the gates must see it.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, HIDDEN = 64, 2, 4, 2, 32, 128
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def byte_alphabet():
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(spare)) for b in range(256)]


def write_model(path, template):
    random = np.random.default_rng(1)
    tokens = byte_alphabet() + SPECIAL
    eos = tokens.index("<|im_end|>")
    w = gguf.GGUFWriter(path, "qwen3")
    w.add_name("luth-tiny-random")
    w.add_context_length(2048)
    w.add_embedding_length(WIDTH)
    w.add_block_count(LAYERS)
    w.add_feed_forward_length(HIDDEN)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KV_HEADS)
    w.add_key_length(HEAD)
    w.add_value_length(HEAD)
    w.add_layer_norm_rms_eps(1e-6)
    w.add_rope_freq_base(1e6)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types([1] * 256 + [3] * len(SPECIAL))
    w.add_token_merges(["e s"])
    w.add_eos_token_id(eos)
    w.add_pad_token_id(tokens.index("<|endoftext|>"))
    w.add_add_bos_token(False)
    w.add_chat_template(template)

    def tensor(name, *shape, scale=0.1):
        w.add_tensor(name, random.normal(0, scale, shape).astype(np.float32))

    # The first channel is large in every token and stays so; the output reads
    # it to leave letters, spaces and the end of the answer only.
    embedding = random.normal(0, 1, (len(tokens), WIDTH))
    embedding[:, 0] = 4
    output = random.normal(0, 0.4, (len(tokens), WIDTH))
    output[:, 0] = -20
    for b in b"abcdefghijklmnopqrstuvwxyz .,":
        output[b, 0] = 0
    output[eos, 0] = 0.2
    w.add_tensor("token_embd.weight", embedding.astype(np.float32))
    w.add_tensor("output.weight", output.astype(np.float32))
    w.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for i in range(LAYERS):
        p = f"blk.{i}."
        for name, size in (("attn_norm", WIDTH), ("ffn_norm", WIDTH), ("attn_q_norm", HEAD), ("attn_k_norm", HEAD)):
            w.add_tensor(p + name + ".weight", np.ones(size, np.float32))
        tensor(p + "attn_q.weight", HEADS * HEAD, WIDTH)
        tensor(p + "attn_k.weight", KV_HEADS * HEAD, WIDTH)
        tensor(p + "attn_v.weight", KV_HEADS * HEAD, WIDTH)
        tensor(p + "attn_output.weight", WIDTH, HEADS * HEAD)
        tensor(p + "ffn_gate.weight", HIDDEN, WIDTH)
        tensor(p + "ffn_up.weight", HIDDEN, WIDTH)
        tensor(p + "ffn_down.weight", WIDTH, HIDDEN)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def serve(path):
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path = path
    p.model_alias = {"tiny-random"}
    p.hostnames = ["127.0.0.1"]
    p.port = 0
    p.n_parallel, p.n_ctx = 8, 8 * 2048
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
    p.use_jinja = True
    server = xllamacpp.Server(p)
    print(server.listening_address, flush=True)
    threading.Event().wait()


def main():
    luth, config = os.path.abspath(sys.argv[1]), sys.argv[2]
    folder = tempfile.mkdtemp()
    model, rows = os.path.join(folder, "tiny.gguf"), os.path.join(folder, "rows.jsonl")
    with open(config) as f:
        write_model(model, json.load(f)["chat_template"])
    with open(rows, "w") as f:
        for i in range(200):
            text = [f"Please write `print({i})`.", f"Explain why $x^2 = {i}$ has two solutions.", f"Name {i} towns.", "Hello " * (i % 7 + 1)][i % 4]
            f.write(json.dumps({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": f"Answer {i}."}]}) + "\n")
    server = subprocess.Popen([sys.executable, __file__, "serve", model], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().strip() + "/v1"
        subprocess.run([luth, "translate", "doctor", url, "--seconds", "2", "--concurrency", "16"], stderr=subprocess.DEVNULL, check=True)
        print(flush=True)
        for _ in range(2):  # the second run asks nothing
            run = [luth, "translate", "prompts", rows, os.path.join(folder, "out"), "--model", "tiny-random", "--base-url", url, "--concurrency", "16", "--max-tokens", "256"]
            done = subprocess.run(run, check=True, capture_output=True, text=True)
            print(done.stdout + done.stderr.splitlines()[-1] + "\n", flush=True)
        subprocess.run([luth, "dataset", "verify", os.path.join(folder, "out")], check=True)
    finally:
        server.kill()


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    main()

#!/usr/bin/env python3
"""Merges two Qwen3-0.6B-shaped checkpoints with mergekit and with luth.

    go build -o luth .
    python3 -m venv /tmp/mkvenv && /tmp/mkvenv/bin/pip install mergekit
    /tmp/mkvenv/bin/python docs/bench/merge.py ./luth --work /tmp/merge-bench

The inputs are random bfloat16 of 1.5 GB each: a base, and the base moved by 4 %,
with an untied head, so that both tools write the same tensors. For every method
it prints the wall time and the memory of both, and the time to copy the same
bytes (both inputs read, one output written and synced), each the least of
--runs. Memory is polled from /proc: peak resident, and anonymous, which does
not count pages of files.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time

import numpy as np

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, MLP, VOCAB = 1024, 28, 16, 8, 128, 3072, 151936

METHODS = {
    "slerp": "merge_method: slerp\nbase_model: {base}\nmodels:\n  - model: {base}\n  - model: {tuned}\nparameters:\n  t: 0.7\ndtype: bfloat16\n",
    "linear": "merge_method: linear\nmodels:\n  - model: {tuned}\n    parameters: {{weight: 0.7}}\n  - model: {base}\n    parameters: {{weight: 0.3}}\ndtype: bfloat16\n",
    "ties": "merge_method: ties\nbase_model: {base}\nmodels:\n  - model: {tuned}\n    parameters: {{weight: 1.0, density: 0.5}}\nparameters:\n  normalize: true\ndtype: bfloat16\n",
}


def shapes():
    yield "lm_head.weight", (VOCAB, HIDDEN)
    yield "model.embed_tokens.weight", (VOCAB, HIDDEN)
    yield "model.norm.weight", (HIDDEN,)
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        yield p + "input_layernorm.weight", (HIDDEN,)
        yield p + "post_attention_layernorm.weight", (HIDDEN,)
        yield p + "self_attn.q_norm.weight", (HEAD_DIM,)
        yield p + "self_attn.k_norm.weight", (HEAD_DIM,)
        yield p + "self_attn.q_proj.weight", (HEADS * HEAD_DIM, HIDDEN)
        yield p + "self_attn.k_proj.weight", (KV_HEADS * HEAD_DIM, HIDDEN)
        yield p + "self_attn.v_proj.weight", (KV_HEADS * HEAD_DIM, HIDDEN)
        yield p + "self_attn.o_proj.weight", (HIDDEN, HEADS * HEAD_DIM)
        yield p + "mlp.gate_proj.weight", (MLP, HIDDEN)
        yield p + "mlp.up_proj.weight", (MLP, HIDDEN)
        yield p + "mlp.down_proj.weight", (HIDDEN, MLP)


def bf16(x):
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def write_models(base, tuned):
    """Writes both models tensor by tensor, without holding one in memory."""
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes():
        size = 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    config = {
        "architectures": ["Qwen3ForCausalLM"], "attention_bias": False, "bos_token_id": 151643, "eos_token_id": 151645,
        "head_dim": HEAD_DIM, "hidden_act": "silu", "hidden_size": HIDDEN, "initializer_range": 0.02, "intermediate_size": MLP,
        "max_position_embeddings": 40960, "model_type": "qwen3", "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
        "num_key_value_heads": KV_HEADS, "rms_norm_eps": 1e-6, "rope_theta": 1000000, "tie_word_embeddings": False,
        "torch_dtype": "bfloat16", "use_cache": True, "vocab_size": VOCAB,
    }
    rng = np.random.default_rng(3)
    files = []
    for folder in (base, tuned):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump(config, f, indent=2)
        f = open(os.path.join(folder, "model.safetensors"), "wb")
        f.write(len(text).to_bytes(8, "little") + text)
        files.append(f)
    for _, shape in shapes():
        left = int(np.prod(shape))
        while left:
            n = min(left, 1 << 22)
            x = rng.standard_normal(n, dtype=np.float32) * np.float32(0.02)
            files[0].write(bf16(x).tobytes())
            files[1].write(bf16(x + rng.standard_normal(n, dtype=np.float32) * np.float32(0.0008)).tobytes())
            left -= n
    for f in files:
        f.close()


def memory(pid):
    """Peak resident and anonymous bytes now, of a process and its children."""
    peak = anon = 0
    try:
        for line in open(f"/proc/{pid}/status"):
            key, _, rest = line.partition(":")
            if key == "VmHWM":
                peak = int(rest.split()[0]) * 1024
            elif key == "RssAnon":
                anon = int(rest.split()[0]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return peak, anon


def run(command, out):
    """Runs a command that writes the folder out; returns seconds, CPU seconds, and peak and anonymous memory in bytes."""
    shutil.rmtree(out, ignore_errors=True)
    os.sync()
    start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak = anon = 0
    while p.poll() is None:
        a, b = memory(p.pid)
        peak, anon = max(peak, a), max(anon, b)
        time.sleep(0.02)
    subprocess.run(["sync", "-f", os.path.dirname(out)], check=True)
    seconds, now = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if p.returncode:
        sys.exit(f"{command} failed:\n{p.stderr.read()[-3000:]}")
    return seconds, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime, peak, anon


def copy(inputs, out):
    """Reads all inputs and writes the first to out, synced: the bytes a merge moves."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    os.sync()
    start = time.perf_counter()
    first, *others = [os.path.join(i, "model.safetensors") for i in inputs]
    subprocess.run(["cp", first, out], check=True)
    for other in others:
        subprocess.run(f"cat '{other}' > /dev/null", shell=True, check=True)
    subprocess.run(["sync", "-f", out], check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("luth")
    parser.add_argument("--work", default="/tmp/merge-bench")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="luth: without mergekit")
    parser.add_argument("--methods", default=",".join(METHODS))
    args = parser.parse_args()
    work = os.path.abspath(args.work)
    base, tuned, out = (os.path.join(work, n) for n in ("base", "tuned", "out"))
    if not os.path.exists(os.path.join(tuned, "complete")):
        write_models(base, tuned)
        open(os.path.join(tuned, "complete"), "w").close()
    mergekit = os.path.join(os.path.dirname(sys.executable), "mergekit-yaml")
    copied = min(copy((base, tuned), out) for _ in range(args.runs))
    print(f"copy of the same bytes, synced: {copied:.2f} s")
    print("| method | mergekit s | luth s | times faster | mergekit CPU s | luth CPU s | luth / copy | mergekit peak MB | mergekit anonymous MB | luth peak MB | luth anonymous MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for method in args.methods.split(","):
        config = os.path.join(work, method + ".yaml")
        with open(config, "w") as f:
            f.write(METHODS[method].format(base=base, tuned=tuned))
        ours, theirs = [], []
        for _ in range(args.runs):
            ours.append(run([args.luth, "merge", config, out], out))
            if args.only != "luth":
                theirs.append(run([mergekit, config, out, "--quiet"], out))
        best, most = [[f(column) for column in zip(*ours)] for f in (min, max)]
        peer = [min(column) for column in zip(*theirs)] if theirs else [float("nan")] * 4
        print(f"| {method} | {peer[0]:.2f} | {best[0]:.2f} | {peer[0] / best[0]:.1f} | {peer[1]:.1f} | {best[1]:.1f} | {best[0] / copied:.2f} | {peer[2] / 1e6:.0f} | {peer[3] / 1e6:.0f} | {most[2] / 1e6:.0f} | {most[3] / 1e6:.0f} |", flush=True)
    shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    main()

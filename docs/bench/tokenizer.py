#!/usr/bin/env python3
"""Runs luth's tokenizer and the Rust library `tokenizers` on the same French text.

    pip install tokenizers
    python3 docs/bench/tokenizer.py ../shared/data [CORES ...]

Needs Go, Debian's wfrench and poppler-utils. The text is made at run time: the
text of the exam papers in DATA/exams, then sentences of words from the French
word list whose frequencies fall as 1/rank, with the punctuation, numbers and
elisions of prose; nothing of it is kept. Both sides get the same documents.

Every run is a process of its own, RUNS times, and the best counts. Speed is
text over processor time, and over the clock; on a machine that others use the
first is the fairer one. A cold run starts with empty caches, a warm one has
encoded the same text before. The library runs encode and encode_batch (also
encode_batch_fast, which leaves spans out), and its best number is taken.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

RUNS = 3
SIZE = 3_000_000  # bytes of generated text


def exam_text(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".pdf"):
            out = subprocess.run(["pdftotext", os.path.join(folder, name), "-"], capture_output=True)
            yield out.stdout.decode("utf-8", "replace")


def generated(rng, size):
    """Yields documents of French words, about 2,000 bytes each."""
    with open("/usr/share/dict/french", encoding="utf-8") as f:
        words = [w.strip() for w in f if w.strip()]
    rng.shuffle(words)
    small = "le la les de des du un une et à est en que qui dans pour sur par il elle on ne pas se ce plus au aux son sa ses".split()
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / (rank + 20)
        weights.append(total)
    made = 0
    while made < size:
        document = []
        for _ in range(rng.randrange(8, 20)):
            count = rng.randrange(6, 25)
            content = rng.choices(words, cum_weights=weights, k=count)
            sentence = [rng.choice(small) if rng.random() < 0.45 else w for w in content]
            sentence = [rng.choice(["l'", "d'", "qu'", "n'"]) + w if w[0] in "aeéêiouh" and rng.random() < 0.5 else w for w in sentence]
            if rng.random() < 0.2:
                sentence[rng.randrange(count)] = str(rng.randrange(3000))
            if rng.random() < 0.5:
                sentence[rng.randrange(count)] += rng.choice([",", " ;", " :", ", «"])
            text = " ".join(sentence)
            document.append(text[0].upper() + text[1:] + rng.choice([".", ".", ".", " !", " ?", "…"]))
        documents = " ".join(document)
        made += len(documents.encode())
        yield documents


def library(path, tokenizer, method, threads):
    """Runs in a process of its own; prints seconds of clock and processor, cold and warm."""
    from tokenizers import Tokenizer

    t = Tokenizer.from_file(tokenizer)
    with open(path, encoding="utf-8") as f:
        texts = [json.loads(line)["text"] for line in f]
    result = {"before": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    for state in "cold", "warm":
        wall, cpu = time.perf_counter(), time.process_time()
        if method == "encode":
            tokens = sum(len(t.encode(x, add_special_tokens=False).ids) for x in texts)
        else:
            tokens = sum(len(e.ids) for e in getattr(t, method)(texts, add_special_tokens=False))
        result[state] = [time.perf_counter() - wall, time.process_time() - cpu]
    result |= {"tokens": tokens, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    print(json.dumps(result))


def run(command, threads):
    env = {**os.environ, "RAYON_NUM_THREADS": str(threads), "GOMAXPROCS": str(threads), "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
    best = None
    for _ in range(RUNS):
        r = json.loads(subprocess.run(command, capture_output=True, env=env, check=True).stdout)
        if best is None:
            best = r
        for state in "cold", "warm":
            best[state] = [min(a, b) for a, b in zip(best[state], r[state])]
    return best


def main():
    if sys.argv[1] == "--library":
        return library(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    data = sys.argv[1]
    tokenizer = os.path.join(data, "qwen3-tokenizer", "tokenizer.json")
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        path, program = os.path.join(folder, "texts.jsonl"), os.path.join(folder, "bench")
        documents = [p for text in exam_text(os.path.join(data, "exams")) for p in text.split("\f") if p]
        exams = sum(len(d.encode()) for d in documents)
        documents += generated(random.Random(1), SIZE)
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps({"text": d}, ensure_ascii=False) + "\n" for d in documents)
        size = sum(len(d.encode()) for d in documents) / 1e6
        subprocess.run(["go", "test", "-c", "-o", program, "./internal/tokenizer"], check=True, cwd=os.path.join(here, "..", ".."))
        print(f"{size:.1f} MB in {len(documents)} documents, {exams / 1e6:.1f} MB of them from exam papers; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print("| cores | state | luth MB/s | tokenizers MB/s | ratio | by the clock: luth | tokenizers | ratio |")
        print("|---:|---|---:|---:|---:|---:|---:|---:|")
        for threads in [int(n) for n in sys.argv[2:]] or sorted({1, os.cpu_count()}):
            ours = run([program, "-test.run=^TestMeasure$", f"-measure={path}", f"-measured={tokenizer}"], threads)
            methods = ["encode_batch", "encode_batch_fast"] + (["encode"] if threads == 1 else [])
            peers = {m: run([sys.executable, __file__, "--library", path, tokenizer, m, str(threads)], threads) for m in methods}
            for state in "cold", "warm":
                wall, cpu = min(r[state][0] for r in peers.values()), min(r[state][1] for r in peers.values())
                a, b = ours[state]
                print(f"| {threads} | {state} | {size / b:.1f} | {size / cpu:.2f} | {cpu / b:.1f} | {size / a:.1f} | {size / wall:.2f} | {wall / a:.1f} |")
            for name, r in {"luth": ours, **peers}.items():
                assert r["tokens"] == ours["tokens"], (name, r, ours)
            memory = ", ".join(f"{name} {r['peak'] - r['before']}" for name, r in {"luth": ours, **peers}.items())
            print(f"\nMiB more than before encoding, {threads} cores: {memory}; {ours['tokens']} tokens by each.\n")


if __name__ == "__main__":
    main()

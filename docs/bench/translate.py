#!/usr/bin/env python3
"""Measures `luth translate prompts` beside the openai Python client.

    go build -o luth . && python3 -m venv /tmp/v && /tmp/v/bin/pip install openai
    /tmp/v/bin/python docs/bench/translate.py ./luth [ROWS ...]

The server is `luth translate fake` with a fixed answer, on the same machine.
The peer asks the same prompts with `openai.OpenAI` in a ThreadPoolExecutor, as
the original project did (32 workers; 256 too), checks nothing and keeps nothing.
ROWS are the sizes for the memory table, 10000 and 200000 by default.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

QUESTION = (
    "Imagine that you are the keeper of an old lighthouse on a rocky island. Write a letter to your sister, who lives "
    "in a large city, and tell her about a storm that lasted the whole night. Describe the noise of the waves, the "
    "colour of the sky before dawn, and the small boat that found its way into the harbour because of your lamp. "
    "Explain why you have decided to stay for another winter, although the work is hard and visitors are rare. Your "
    "letter should be warm in tone, it should not mention any machine invented after the war, and it should end with "
    "a question that she cannot answer in a few words."
)
ANSWER = (
    "Imaginez que vous êtes le gardien d'un vieux phare sur une île rocheuse. Écrivez une lettre à votre sœur, qui vit "
    "dans une grande ville, et racontez-lui une tempête qui a duré toute la nuit. Décrivez le bruit des vagues, la "
    "couleur du ciel avant l'aube et la petite barque qui a trouvé le chemin du port grâce à votre lampe. Expliquez "
    "pourquoi vous avez décidé de rester un hiver de plus, bien que le travail soit dur et les visiteurs rares. Votre "
    "lettre doit avoir un ton chaleureux, elle ne doit mentionner aucune machine inventée après la guerre, et elle doit "
    "se terminer par une question à laquelle elle ne pourra pas répondre en quelques mots."
)
RUNS = 3


def write_rows(path, n):
    with open(path, "w") as f:
        for i in range(n):
            messages = [{"role": "user", "content": f"{QUESTION} ({i})"}, {"role": "assistant", "content": f"Answer {i}."}]
            f.write(json.dumps({"messages": messages}) + "\n")


class Fake:
    """The fake server, for the time of a with block."""

    def __init__(self, luth, latency):
        self.command = [luth, "translate", "fake", "--listen", "127.0.0.1:0", "--latency", latency, "--fixed", ANSWER]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def measured(command):
    """Runs a command; returns seconds, CPU seconds and the most memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status or "dead" in said.partition("pending")[2]:
        sys.exit(f"{command} failed: {status}\n{said}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(command):
    """The least of each figure in RUNS runs: others use the machine too."""
    return [min(column) for column in zip(*(measured(command()) for _ in range(RUNS)))]


def luth_command(luth, rows, url, concurrency):
    out = os.path.join(tempfile.mkdtemp(), "out")
    return [luth, "translate", "prompts", rows, out, "--base-url", url, "--model", "rehearsal", "--concurrency", str(concurrency)]


def peer(rows, url, workers):
    """The original's way: everything in memory, three tries, no order."""
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key="none", max_retries=0)
    system = "You are a professional translator. " * 40

    def ask(text):
        for _ in range(3):
            try:
                return client.chat.completions.create(
                    model="rehearsal", temperature=0.7, top_p=0.8, max_tokens=1024,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": text}],
                    extra_body={"chat_template_kwargs": {"enable_thinking": False}},
                ).choices[0].message.content
            except Exception:
                continue

    with open(rows) as f:
        texts = [json.loads(line)["messages"][0]["content"] for line in f]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        answers = [future.result() for future in as_completed([pool.submit(ask, t) for t in texts])]
    assert all(answers)


def line(name, n, seconds, cpu, memory, ideal=None):
    share = f"{100 * n / seconds / ideal:.1f} %" if ideal else ""
    print(f"| {name} | {n} | {n / seconds:.0f} | {share} | {1e6 * cpu / n:.0f} | {memory:.0f} |", flush=True)


HEAD = "| client | requests | requests/s | of ideal | CPU µs a request | MB |\n|---|---:|---:|---:|---:|---:|"


def main():
    luth, sizes = os.path.abspath(sys.argv[1]), [int(n) for n in sys.argv[2:]] or [10_000, 200_000]
    folder = tempfile.mkdtemp()
    rows = {n: os.path.join(folder, f"{n}.jsonl") for n in {2_000, 20_000, 51_200, *sizes}}
    for n, path in rows.items():
        write_rows(path, n)
    me = lambda n, url, workers: [sys.executable, __file__, "peer", rows[n], url, str(workers)]

    print("A server that answers at once\n\n" + HEAD)
    with Fake(luth, "0s") as url:
        line("luth, 256 in flight", 20_000, *best(lambda: luth_command(luth, rows[20_000], url, 256)))
        for workers in (32, 256):
            line(f"openai, {workers} threads", 2_000, *best(lambda: me(2_000, url, workers)))

    print("\nA server that answers after 200 ms; 256 in flight can have 1,280 a second\n\n" + HEAD)
    with Fake(luth, "200ms") as url:
        line("luth, 256 in flight", 51_200, *best(lambda: luth_command(luth, rows[51_200], url, 256)), ideal=1280)
        for workers in (32, 256):
            line(f"openai, {workers} threads", 2_000, *best(lambda: me(2_000, url, workers)), ideal=1280)

    print("\nMemory of luth\n\n" + HEAD)
    with Fake(luth, "0s") as url:
        for n in sizes:
            line("luth, 256 in flight", n, *measured(luth_command(luth, rows[n], url, 256)))


if sys.argv[1] == "peer":
    peer(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    main()

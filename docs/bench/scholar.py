#!/usr/bin/env python3
"""Measures extraction and alignment on a folder of exam files, beside pdftotext.

    go build -o luth . && python3 docs/bench/scholar.py ./luth ../shared/data/exams

For each PDF: the share of words of three letters and more that stand in
Debian's French word list, and the time of a whole process, best of five, for
`luth scrape extract` and for `pdftotext`. For each pair of `luth scrape pair`:
questions found, aligned, kept. Needs poppler-utils and wfrench.
"""

import collections
import json
import os
import re
import subprocess
import sys
import time
import unicodedata

WORD = re.compile(r"[^\W\d_]{3,}")
RUNS = 5


def timed(command):
    """Returns the output of a command and the least time of RUNS runs, in ms."""
    best, out = float("inf"), None
    for _ in range(RUNS):
        start = time.perf_counter()
        out = subprocess.run(command, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return out, best * 1000


def share(known, text):
    words = [w.lower() for w in WORD.findall(unicodedata.normalize("NFC", text))]
    return sum(w in known for w in words) / len(words) if words else None


def percent(value):
    return "—" if value is None else f"{100 * value:.1f}"


def extraction(luth, folder, known):
    print("| file | pages | words luth % | words pdftotext % | ms/page luth | ms/page pdftotext | verdict |")
    print("|---|---:|---:|---:|---:|---:|---|")
    total = [0.0, 0.0, 0]
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".pdf"):
            continue
        path = os.path.join(folder, name)
        ours, ms = timed([luth, "scrape", "extract", path])
        theirs, peer = timed(["pdftotext", path, "-"])
        detail = json.loads(subprocess.run([luth, "scrape", "extract", "--json", path], capture_output=True).stdout)
        pages = max(1, len(detail["pages"]))
        total = [total[0] + ms, total[1] + peer, total[2] + pages]
        a, b = (share(known, o.stdout.decode("utf-8", "replace")) for o in (ours, theirs))
        print(f"| {name} | {pages} | {percent(a)} | {percent(b)} | {ms / pages:.1f} | {peer / pages:.1f} | {detail['verdict']} |")
    print(f"| all | {total[2]} | | | {total[0] / total[2]:.2f} | {total[1] / total[2]:.2f} | luth takes {total[0] / total[1]:.2f} of pdftotext's time |")


def alignment(luth, folder):
    print("| subject | questions | aligned | kept | dropped or not aligned |")
    print("|---|---:|---:|---:|---|")
    sums = [0, 0, 0]
    figure = {"", "draw", "needs_annex", "needs_figure", "needs_document", "unfinished_answer"}
    for line in subprocess.run([luth, "scrape", "pair", folder], capture_output=True, text=True).stdout.splitlines():
        subject, correction = line.split("\t")[:2]
        run = subprocess.run([luth, "scrape", "align", subject, correction], capture_output=True, text=True)
        name = os.path.basename(subject)
        if run.returncode:
            print(f"| {name} | | | | {run.stderr.strip().rsplit('verdict: ', 1)[-1]} |")
            continue
        pairs = [json.loads(p) for p in run.stdout.splitlines()]
        reasons = collections.Counter(p["reason"] for p in pairs if p["reason"])
        aligned, kept = sum(p["reason"] in figure for p in pairs), sum(p["kept"] for p in pairs)
        if "identical_texts" not in reasons:
            sums = [sums[0] + len(pairs), sums[1] + aligned, sums[2] + kept]
        why = ", ".join(f"{r} {n}" for r, n in sorted(reasons.items()))
        print(f"| {name} | {len(pairs)} | {aligned} | {kept} | {why} |")
    print(f"| regular pairs | {sums[0]} | {sums[1]} ({100 * sums[1] / sums[0]:.1f} %) | {sums[2]} ({100 * sums[2] / sums[0]:.1f} %) | |")


def main():
    luth, folder = sys.argv[1:3]
    with open("/usr/share/dict/french", encoding="utf-8") as f:
        known = {w.strip().lower() for w in f}
    extraction(luth, folder, known)
    print()
    alignment(luth, folder)


main()

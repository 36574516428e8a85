#!/usr/bin/env python3
"""Measures text extraction on groups of PDF files, beside pdftotext.

    go build -o luth . && python3 docs/bench/extraction.py ./luth NAME=FOLDER...

Each folder is searched for PDF files. A file counts as French text if
pdftotext finds 50 words of three letters and more in it, half of them in
Debian's French word list; the share of such words is compared on these. The
time is user and system time of whole processes, the least of three runs.
Needs poppler-utils and wfrench.
"""

import pathlib
import re
import resource
import subprocess
import sys
import unicodedata

WORD = re.compile(r"[^\W\d_]{3,}")
RUNS = 3


def timed(command):
    """Returns the output of a command and the least processor time of RUNS runs, in ms."""
    best, out = float("inf"), None
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run(command, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return out.stdout.decode("utf-8", "replace"), best * 1000


def share(known, text):
    words = [w.lower() for w in WORD.findall(unicodedata.normalize("NFC", text))]
    return len(words), sum(w in known for w in words) / max(1, len(words))


def group(luth, name, folder, known):
    files = pages = below = 0
    ours_ms = peer_ms = ours_sum = peer_sum = 0.0
    for path in sorted(pathlib.Path(folder).rglob("*.pdf")):
        theirs, peer_time = timed(["pdftotext", path, "-"])
        words, peer = share(known, theirs)
        if words < 50 or peer < 0.5:
            continue
        text, time = timed([luth, "scrape", "extract", path])
        _, ours = share(known, text)
        files, pages = files + 1, pages + theirs.count("\f")
        ours_sum, peer_sum = ours_sum + ours, peer_sum + peer
        ours_ms, peer_ms = ours_ms + time, peer_ms + peer_time
        if ours < peer - 0.02:
            below += 1
            print(f"{path}: {100 * ours:.1f} % of the words known, {100 * peer:.1f} % by pdftotext", file=sys.stderr)
    print(f"| {name} | {files} | {pages} | {100 * ours_sum / files:.1f} | {100 * peer_sum / files:.1f} | {below} | {ours_ms / pages:.2f} | {peer_ms / pages:.2f} |")


def main():
    luth = sys.argv[1]
    with open("/usr/share/dict/french", encoding="utf-8") as f:
        known = {w.strip().lower() for w in f}
    print("| files | number | pages | words luth % | words pdftotext % | more than 2 points below | ms/page luth | ms/page pdftotext |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for argument in sys.argv[2:]:
        name, folder = argument.split("=", 1)
        group(luth, name, folder, known)


main()

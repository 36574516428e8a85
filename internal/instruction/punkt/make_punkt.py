"""Packs the parameters of Punkt: python3 make_punkt.py ../../../../shared/data/eval"""

import gzip
import json
import pathlib
import sys

FIELDS = (("AbbrevTypes", "a"), ("Collocations", "c"), ("SentStarters", "s"), ("OrthoContext", "o"))

for language in ("english", "french"):
    parameters = json.loads((pathlib.Path(sys.argv[1]) / f"punkt_{language}.json").read_text(encoding="utf-8"))
    lines = [f"{mark}\t{word}\t{parameters[field][word]}" for field, mark in FIELDS for word in sorted(parameters[field])]
    packed = gzip.compress("\n".join(lines).encode(), 9, mtime=0)
    (pathlib.Path(__file__).parent / f"{language}.tsv.gz").write_bytes(packed)

"""Load a luth dataset directory with the Python package `datasets` and print
what it sees as one JSON object: features, rows, sizes and every row's hash.

usage: judge_datasets.py DATASET_DIR
"""

import hashlib
import json
import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

import datasets


def row_digest(rows):
    digest = hashlib.sha256()
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode("utf-8") + b"\n")
    return digest.hexdigest()


def main(path):
    with tempfile.TemporaryDirectory() as cache:
        # verification_mode=all_checks compares with the sizes in the card.
        loaded = datasets.load_dataset(path, cache_dir=cache, verification_mode="all_checks")
        card = datasets.load_dataset_builder(path, cache_dir=cache).info
        report = {"version": datasets.__version__, "splits": {}}
        for name, split in loaded.items():
            report["splits"][name] = {
                "rows": len(split),
                "digest": row_digest(split),
                "num_bytes": split.data.nbytes,
                "card_num_bytes": card.splits[name].num_bytes,
                "card_num_examples": card.splits[name].num_examples,
                "features": split.features.to_dict(),
            }
        print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1])

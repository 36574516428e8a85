"""Makes the goldens in this folder: official.safetensors, written by the safetensors package, and
float8.golden, the values of the 8-bit floats after ml_dtypes, as bits of float32 in hexadecimal.

    pip install safetensors numpy ml_dtypes; python make_goldens.py
"""
import pathlib

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
r = np.random.default_rng(1)
save_file({
    "model.embed_tokens.weight": r.standard_normal((7, 5)).astype(np.float32),
    "model.layers.0.norm.weight": r.standard_normal(5).astype(ml_dtypes.bfloat16),
    "model.layers.10.norm.weight": r.standard_normal(5).astype(np.float16),
    "position_ids": np.arange(6).reshape(1, 2, 3),
    "mask": np.array([True, False, True]),
    "scalar": np.array(0.1),
    "empty": np.zeros((0, 3), np.float32),
    "été \"quoted\"": np.arange(3, dtype=np.uint8),
}, here / "official.safetensors", metadata={"format": "pt"})

with open(here / "float8.golden", "w") as out:
    for name, dtype in {
        "F8_E5M2": ml_dtypes.float8_e5m2, "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E8M0": ml_dtypes.float8_e8m0fnu,
        "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz, "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    }.items():
        values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float32).view(np.uint32)
        print(name, *(f"{v:08x}" for v in values), file=out)

"""Loads a slerp of two models with transformers and compares its logits.

    python judge_transformers.py MERGED BASE TUNED T

The reference is merged here, in float64, and has the float32 of that; the
models are float32. Prints the largest difference of the logits.
"""

import json
import os
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

import make_goldens

merged, base, tuned, t = sys.argv[1:]
model, want = (AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32) for path in (merged, base))
x, y = (load_file(os.path.join(path, "model.safetensors")) for path in (base, tuned))
state = {n: torch.from_numpy(make_goldens.slerp(x[n].double().numpy(), y[n].double().numpy(), float(t))).float() for n in x}
want.load_state_dict(state)
ids = torch.arange(60).reshape(2, 30)
with torch.no_grad():
    a, b = model(ids).logits, want(ids).logits
print(json.dumps({"largest": b.abs().max().item(), "difference": (a - b).abs().max().item()}))

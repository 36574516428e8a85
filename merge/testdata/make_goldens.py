#!/usr/bin/env python3
"""Makes goldens.safetensors.gz: what mergekit, and float64 arithmetic, make of tiny models.

    python3 -m venv /tmp/mkvenv && /tmp/mkvenv/bin/pip install mergekit
    /tmp/mkvenv/bin/python merge/testdata/make_goldens.py

The models are Qwen3 with 3 layers, made by a generator that the Go tests have
too, so only results are stored: of every tensor at most SAMPLES elements, evenly
spread. "mergekit/CASE/DTYPE/TENSOR" is what mergekit made, "exact/..." what the
mathematics of docs/merge.md gives in float64, computed here with numpy from the
inputs alone. The metadata hold the configuration of every case.
"""

import gzip
import hashlib
import importlib.metadata
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import yaml
from safetensors import safe_open
from safetensors.torch import load_file, save, save_file

from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions

SAMPLES = 48
HIDDEN, LAYERS, HEADS, KV, HEAD_DIM, MLP, VOCAB = 32, 3, 4, 2, 8, 64, 128
SEED = 5  # of the random methods


def shapes():
    out = {"model.embed_tokens.weight": (VOCAB, HIDDEN), "lm_head.weight": (VOCAB, HIDDEN), "model.norm.weight": (HIDDEN,)}
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        out |= {
            p + "input_layernorm.weight": (HIDDEN,), p + "post_attention_layernorm.weight": (HIDDEN,),
            p + "self_attn.q_norm.weight": (HEAD_DIM,), p + "self_attn.k_norm.weight": (HEAD_DIM,),
            p + "self_attn.q_proj.weight": (HEADS * HEAD_DIM, HIDDEN), p + "self_attn.k_proj.weight": (KV * HEAD_DIM, HIDDEN),
            p + "self_attn.v_proj.weight": (KV * HEAD_DIM, HIDDEN), p + "self_attn.o_proj.weight": (HIDDEN, HEADS * HEAD_DIM),
            p + "mlp.gate_proj.weight": (MLP, HIDDEN), p + "mlp.up_proj.weight": (MLP, HIDDEN), p + "mlp.down_proj.weight": (HIDDEN, MLP),
        }
    return out


def mix(key, n):
    """SplitMix64 of the key and the indices 1 to n."""
    with np.errstate(over="ignore"):
        z = np.uint64(key) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def key(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def noise(role, name, n):
    """About normal, of variance 1/3, in multiples of 2^-16."""
    z = mix(key(f"{role} {name}"), n)
    parts = sum((z >> np.uint64(16 * k)) & np.uint64(0xFFFF) for k in range(4))
    return parts.astype(np.float64) / 65536 - 2


# Slices here keep the number of layers: with the transformers of today mergekit
# 0.1.5 cannot write another (config.layer_types keeps its length).

# How far a fine-tuned model is from the base, by layer; outside the layers 3 %.
DISTANCE = {0: 0.01, 1: 0.05, 2: 0.6}


def make(role):
    """A model in float32, by tensor."""
    out = {}
    for name, shape in shapes().items():
        n = math.prod(shape)
        centre, scale = (1.0, 0.25) if "norm" in name else (0.0, 0.125)
        x = centre + scale * noise("base", name, n)
        if role != "base":
            layer = int(name.split(".")[2]) if ".layers." in name else -1
            x = x + DISTANCE.get(layer, 0.03) * scale * noise(role, name, n)
        if role == "a" and name.endswith("0.self_attn.k_norm.weight"):
            x = centre + scale * noise("base", name, n)  # not tuned at all
        if role == "b" and name.endswith("1.self_attn.v_proj.weight"):
            x = np.zeros(n)
        out[name] = x.astype(np.float32).reshape(shape)
    return out


def config(dtype):
    return {
        "architectures": ["Qwen3ForCausalLM"], "attention_bias": False, "bos_token_id": 1, "eos_token_id": 2, "head_dim": HEAD_DIM,
        "hidden_act": "silu", "hidden_size": HIDDEN, "initializer_range": 0.02, "intermediate_size": MLP, "max_position_embeddings": 256,
        "model_type": "qwen3", "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "num_key_value_heads": KV, "rms_norm_eps": 1e-6,
        "rope_theta": 10000, "tie_word_embeddings": False, "torch_dtype": dtype, "use_cache": True, "vocab_size": VOCAB,
    }


def models(*names, **parameters):
    return [{"model": n} | ({"parameters": dict(parameters)} if parameters else {}) for n in names]


def vectors(method, *names, weight=None, shared=None, **per):
    out = []
    for i, n in enumerate(names):
        out.append({"model": n, "parameters": {"weight": (weight or [0.7, 0.4, -0.3])[i], **per}})
    return {"merge_method": method, "base_model": "base", "models": out, "parameters": shared or {}}


GRADIENT = [{"filter": "self_attn", "value": [0, 0.5, 0.3]}, {"filter": "mlp", "value": [1, 0.2]}, {"value": 0.6}]

CASES = {
    "linear": {"merge_method": "linear", "models": [{"model": n, "parameters": {"weight": w}} for n, w in (("a", 0.7), ("base", 0.3))]},
    "linear-three": {"merge_method": "linear", "models": [{"model": n, "parameters": {"weight": w}} for n, w in (("a", 0.7), ("b", 0.45), ("c", -0.2))]},
    "linear-sum": {"merge_method": "linear", "models": [{"model": n, "parameters": {"weight": w}} for n, w in (("a", 0.7), ("b", 0.6))], "parameters": {"normalize": False}},
    "slerp": {"merge_method": "slerp", "base_model": "base", "models": models("a", "base"), "parameters": {"t": 0.7}},
    "slerp-gradient": {"merge_method": "slerp", "base_model": "base", "models": models("base", "b"), "parameters": {"t": GRADIENT}},
    "slerp-slices": {"merge_method": "slerp", "base_model": "base", "parameters": {"t": [0, 1]}, "slices": [
        {"sources": [{"model": "base", "layer_range": [0, 2]}, {"model": "c", "layer_range": [0, 2]}]},
        {"sources": [{"model": "base", "layer_range": [1, 2]}, {"model": "c", "layer_range": [2, 3]}], "parameters": {"t": 0.25}}]},
    "nuslerp": {"merge_method": "nuslerp", "models": [{"model": "a", "parameters": {"weight": 0.4}}, {"model": "b", "parameters": {"weight": 0.5}}]},
    "nuslerp-base": {"merge_method": "nuslerp", "base_model": "base", "models": [{"model": "a", "parameters": {"weight": 0.4}}, {"model": "c", "parameters": {"weight": 0.5}}]},
    "nuslerp-rows": {"merge_method": "nuslerp", "models": [{"model": "a", "parameters": {"weight": 1}}, {"model": "c", "parameters": {"weight": 2}}], "parameters": {"nuslerp_flatten": False}},
    "nuslerp-columns": {"merge_method": "nuslerp", "base_model": "base", "models": [{"model": "a", "parameters": {"weight": 1}}, {"model": "c", "parameters": {"weight": 2}}], "parameters": {"nuslerp_flatten": False, "nuslerp_row_wise": True}},
    "multislerp": {"merge_method": "multislerp", "models": [{"model": n, "parameters": {"weight": w}} for n, w in (("a", 0.5), ("b", 0.3), ("c", 0.4))]},
    "multislerp-base": {"merge_method": "multislerp", "base_model": "base", "models": [{"model": n, "parameters": {"weight": w}} for n, w in (("a", 0.5), ("c", 0.4))]},
    "karcher": {"merge_method": "karcher", "models": models("a", "b", "c")},
    "task_arithmetic": vectors("task_arithmetic", "a", "b", "c"),
    "task_arithmetic-normal": vectors("task_arithmetic", "a", "c", shared={"normalize": True, "lambda": 0.8}),
    "ties": vectors("ties", "a", "b", "c", density=0.5),
    "ties-one": vectors("ties", "a", density=0.3, shared={"rescale": True}),
    "breadcrumbs": vectors("breadcrumbs", "a", "c", density=0.6, gamma=0.05),
    "breadcrumbs_ties": vectors("breadcrumbs_ties", "a", "b", "c", density=0.6, gamma=0.0),
    "dare_linear": vectors("dare_linear", "a", "c", density=0.5, shared={"rescale": False}),
    "dare_ties": vectors("dare_ties", "a", "b", "c", density=0.5),
    "della": vectors("della", "a", "b", "c", density=0.5, epsilon=0.2),
    "della_linear": vectors("della_linear", "a", "c", density=0.6, epsilon=0.1, shared={"rescale": False}),
    "model_stock": {"merge_method": "model_stock", "base_model": "base", "models": models("a", "b", "c")},
    "model_stock-rows": {"merge_method": "model_stock", "base_model": "base", "models": models("a", "c"), "parameters": {"filter_wise": True}},
    "sce": {"merge_method": "sce", "base_model": "base", "models": models("a", "b", "c"), "parameters": {"select_topk": 0.4}},
    "nearswap": {"merge_method": "nearswap", "base_model": "base", "models": models("a"), "parameters": {"t": 0.002}},
    "ram": {"merge_method": "ram", "base_model": "base", "models": models("a", "b", "c"), "parameters": {"epsilon": 0.002}},
    "ramplus_tl": {"merge_method": "ramplus_tl", "base_model": "base", "models": models("a", "b", "c"), "parameters": {"epsilon": 0.002, "r": 0.3, "alpha": 2.0}},
    "arcee_fusion": {"merge_method": "arcee_fusion", "base_model": "base", "models": models("c")},
    "passthrough": {"merge_method": "passthrough", "slices": [
        {"sources": [{"model": "a", "layer_range": [1, 2]}]},
        {"sources": [{"model": "b", "layer_range": [1, 3], "parameters": {"scale": [{"filter": "o_proj", "value": 0.5}, {"value": 1}]}}]}]},
}
F32_TOO = {"sce", "arcee_fusion"}  # mergekit does not come within 1e-6 of the mathematics
RANDOM = {"dare_linear", "dare_ties", "della", "della_linear"}


# The mathematics, in float64, for one tensor: x are the models beside the base.

def parameter(case, name, tensor, place, index=None, default=None):
    scopes = [case.get("parameters") or {}]
    if index is not None:
        scopes.insert(0, case["models"][index].get("parameters") or {})
    for scope in scopes:
        if name in scope:
            return evaluate(scope[name], tensor, place)
    return default


def evaluate(value, tensor, place):
    if isinstance(value, list) and isinstance(value[0], dict):
        value = next(v["value"] for v in value if v.get("filter", "*") in tensor or "filter" not in v)
    if isinstance(value, list):
        at = place * (len(value) - 1)
        i = int(at)
        return (1 - (at - i)) * value[i] + (at - i) * value[min(i + 1, len(value) - 1)]
    return value


def norm(x):
    return math.sqrt(float(np.vdot(x, x)))


def arc(cos, t):
    theta = math.acos(max(-1.0, min(1.0, cos)))
    return math.sin((1 - t) * theta) / math.sin(theta), math.sin(t * theta) / math.sin(theta)


def slerp(base, x, t):
    unit = lambda v: v / norm(v) if norm(v) > 1e-8 else v
    cos = float(np.vdot(unit(base), unit(x)))
    p, q = (1 - t, t) if abs(cos) > 0.9995 else arc(cos, t)
    return p * base + q * x


def nuslerp(x, y, t, axis):
    if axis is None:
        return nuslerp(x.reshape(1, -1), y.reshape(1, -1), t, 1).reshape(x.shape)
    if axis == 0:
        return nuslerp(x.T, y.T, t, 1).T
    out = np.empty_like(x)
    for i in range(len(x)):
        a, b = norm(x[i]), norm(y[i])
        cos = float(np.vdot(x[i], y[i])) / a / b if a and b else 0.0
        p, q = (1 - t, t) if 1 - cos * cos <= 1e-16 else arc(cos, t)
        out[i] = p * x[i] + q * y[i]
    return out


def multislerp(xs, w, eps=1e-8):
    w = np.array(w) / sum(w)
    norms = [norm(x) for x in xs]
    units = [x / (n + eps) for x, n in zip(xs, norms)]
    mean = sum(a * u for a, u in zip(w, units))
    mean = mean / norm(mean)
    tangent = sum(a * (u - float(np.vdot(u, mean)) * mean) for a, u in zip(w, units))
    angle = norm(tangent) + eps
    return (mean * math.cos(angle) + tangent * (math.sin(angle) / angle)) * sum(a * n for a, n in zip(w, norms))


def karcher(xs, steps=10, tol=1e-5):
    norms = [norm(x) for x in xs]
    units = [x / n for x, n in zip(xs, norms) if n > tol]
    mean = sum(units) / len(units)
    mean = mean / norm(mean)
    for _ in range(steps):
        tangent = np.zeros_like(mean)
        for u in units:
            cos = max(-1.0, min(1.0, float(np.vdot(mean, u))))
            theta = math.acos(cos)
            if theta >= tol:
                tangent += theta / math.sin(theta) * (u - cos * mean) / len(units)
        length = norm(tangent)
        if length < tol:
            break
        mean = math.cos(length) * mean + math.sin(length) * tangent / length
        mean = mean / norm(mean)
    return sum(norms) / len(norms) * mean


def ranks(delta):
    """0 for the largest; of equal magnitudes, as float32, the first is larger."""
    order = np.argsort(-np.abs(delta.reshape(-1)).astype(np.float32), kind="stable")
    out = np.empty(order.size, dtype=np.int64)
    out[order] = np.arange(order.size)
    return out.reshape(delta.shape)


def uniform(tensor, operand, n):
    z = mix(key(f'luth merge {SEED} "{tensor}" {operand}'), n)
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53


def sift(method, delta, tensor, operand, density, gamma, epsilon, rescale):
    n = delta.size
    if method in ("dare_linear", "dare_ties"):
        keep = uniform(tensor, operand, n).reshape(delta.shape) < density
        return np.where(keep, delta / density if rescale else delta, 0)
    if method in ("della", "della_linear"):
        rows = delta.reshape(1, -1) if delta.ndim < 2 else delta
        p = np.empty_like(rows)
        for i, row in enumerate(rows):
            order = np.argsort(np.abs(row).astype(np.float32), kind="stable")
            p[i, order] = density - epsilon + 2 * epsilon * np.arange(row.size) / (row.size - 1)
        p = p.reshape(delta.shape)
        keep = uniform(tensor, operand, n).reshape(delta.shape) < p
        return np.where(keep, delta / p if rescale else delta, 0)
    kept = int(density * n)
    first = 0
    if method.startswith("breadcrumbs"):
        first = n - kept - max(0, n - kept - int(gamma * n))
    elif method == "ties":
        kept = max(1, kept)
    r = ranks(delta)
    out = np.where((r >= first) & (r < first + kept), delta, 0)
    if rescale and np.abs(out).sum() > 1e-7:
        out = out * (np.abs(delta).sum() / np.abs(out).sum())
    return out


CONSENSUS = {"ties", "dare_ties", "della", "breadcrumbs_ties"}
NORMALIZE = {"ties", "della"}
RESCALE = {"dare_ties", "dare_linear", "della", "della_linear"}


def task_vectors(case, base, xs, tensor, place):
    method = case["merge_method"]
    get = lambda name, i, default: parameter(case, name, tensor, place, i, default)
    rescale = parameter(case, "rescale", tensor, place, default=method in RESCALE)
    weights = [get("weight", i, None) for i in range(len(xs))]
    deltas = []
    for i, x in enumerate(xs):
        d = x - base
        if method != "task_arithmetic" and get("density", i, 1) < 1:
            # operands are numbered as luth reads them: models first, the base last
            d = sift(method, d, tensor, i, get("density", i, 1), get("gamma", i, 0.01), get("epsilon", i, 0.15), rescale)
        deltas.append(weights[i] * d)
    if method in CONSENSUS:
        majority = np.where(sum(deltas) >= 0, 1, -1)
        masks = [np.sign(d) == majority for d in deltas]
        mixed = sum(d * m for d, m in zip(deltas, masks))
        divisor = sum(w * m for w, m in zip(weights, masks))
        divisor = np.where(divisor == 0, 1, divisor)
    else:
        mixed, divisor = sum(deltas), sum(weights)
        divisor = 1 if abs(divisor) < 1e-8 else divisor
    if parameter(case, "normalize", tensor, place, default=method in NORMALIZE):
        mixed = mixed / divisor
    return base + parameter(case, "lambda", tensor, place, default=1.0) * mixed


def model_stock(base, xs, rows):
    if rows and base.ndim > 1:
        return np.stack([model_stock(base[i], [x[i] for x in xs], False) for i in range(len(base))])
    d = [x - base for x in xs]
    cos = [max(-1, min(1, float(np.vdot(d[i], d[j])) / max(norm(d[i]) * norm(d[j]), 1e-6))) for i in range(len(d)) for j in range(i + 1, len(d))]
    c, k = sum(cos) / len(cos), len(xs)
    t = k * c / (1 + (k - 1) * c) if abs(1 + (k - 1) * c) >= 1e-6 else 0
    return t * sum(xs) / k + (1 - t) * base


def sce(base, xs, top):
    d = np.stack([x - base for x in xs])
    variance = ((d - d.mean(axis=0)) ** 2).mean(axis=0).astype(np.float32)
    k = int(np.count_nonzero(variance) * top)
    d = d * (ranks(variance) < k) if top < 1 else d
    majority = np.where(d.sum(axis=0) >= 0, 1, -1)
    energy = (d**2).reshape(len(xs), -1).mean(axis=1)
    energy = energy / energy.sum() if energy.sum() else np.full(len(xs), 1 / len(xs))
    weights = energy.reshape([-1] + [1] * base.ndim) * (np.sign(d) == majority)
    return base + (d * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-6)


def ram(base, xs, epsilon, r, alpha):
    d = np.stack([x - base for x in xs])
    there = np.abs(d) > epsilon
    count = there.sum(axis=0)
    shared = (there & (count > 1)).reshape(len(xs), -1).sum(axis=1)
    own = (there & (count == 1)).reshape(len(xs), -1).sum(axis=1)
    gain = 1 + r * np.clip(shared / np.maximum(own, epsilon), 0, alpha)
    d = d * there
    alone = (d * gain.reshape([-1] + [1] * base.ndim)).sum(axis=0)
    return base + np.where(count == 1, alone, d.sum(axis=0) / np.maximum(count, 1))


def fusion(base, x):
    soft = lambda v: np.exp(v - v.max(axis=-1, keepdims=True)) / np.exp(v - v.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True) + 1e-8
    p, q = soft(x), soft(base)
    score = (np.abs(x - base) * (p * np.log(p / q)).sum(axis=-1, keepdims=True)).astype(np.float32).astype(np.float64)
    flat = np.sort(np.abs(score).reshape(-1))
    low, middle, high = (flat[int(f * (flat.size - 1))] for f in (0.25, 0.5, 0.75))
    exact = np.abs(x - base) * (p * np.log(p / q)).sum(axis=-1, keepdims=True)
    return np.where(exact >= middle + 1.5 * (high - low), x, base)


def exact(case, inputs, tensor, place):
    """The tensor in float64, or None for the cases that need no reference."""
    method = case["merge_method"]
    if "slices" in case:
        return None
    base = inputs["base"][tensor].astype(np.float64)
    xs = [inputs[m["model"]][tensor].astype(np.float64) for m in case["models"]]
    get = lambda name, default=None: parameter(case, name, tensor, place, default=default)
    weights = [parameter(case, "weight", tensor, place, i) for i in range(len(xs))]
    others = [x for x, m in zip(xs, case["models"]) if m["model"] != "base"]
    if method == "linear":
        total = sum(w * x for w, x in zip(weights, xs))
        return total / sum(weights) if get("normalize", True) else total
    if method == "slerp":
        return slerp(base, others[0], get("t"))
    if method == "nuslerp":
        origin = base if "base_model" in case else 0
        axis = None
        if not get("nuslerp_flatten", True) and base.ndim > 1:
            axis = 0 if get("nuslerp_row_wise", False) else 1
        return origin + nuslerp(xs[0] - origin, xs[1] - origin, weights[1] / sum(weights), axis)
    if method == "multislerp":
        origin = base if "base_model" in case else 0
        return origin + multislerp([x - origin for x in xs], weights)
    if method == "karcher":
        return karcher(xs)
    if method == "model_stock":
        return model_stock(base, xs, get("filter_wise", False))
    if method == "sce":
        return sce(base, xs, get("select_topk"))
    if method == "nearswap":
        w = np.clip(get("t") / np.maximum(np.abs(base - xs[0]), 1e-6), 0, 1)
        return w * xs[0] + (1 - w) * base
    if method in ("ram", "ramplus_tl"):
        return ram(base, xs, get("epsilon"), get("r", 0), get("alpha", 0))
    if method == "arcee_fusion":
        return fusion(base, xs[0])
    return task_vectors(case, base, xs, tensor, place)


def sample(x):
    flat = x.reshape(-1)
    return flat[np.arange(min(SAMPLES, flat.size)) * flat.size // min(SAMPLES, flat.size)] if isinstance(flat, np.ndarray) else \
        flat[torch.arange(min(SAMPLES, flat.numel())) * flat.numel() // min(SAMPLES, flat.numel())].clone()


def merge_all(short, out, metadata):
    """Adds the results for one dtype. mergekit keeps files open by name, so each dtype has a process of its own."""
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[short]
    rounded = {}
    for role in ("base", "a", "b", "c"):
        os.makedirs(role)
        typed = {n: torch.from_numpy(x).to(dtype) for n, x in make(role).items()}
        rounded[role] = {n: x.to(torch.float64).numpy() for n, x in typed.items()}
        save_file(typed, f"{role}/model.safetensors", metadata={"format": "pt"})
        with open(f"{role}/config.json", "w") as f:
            json.dump(config({"f32": "float32", "bf16": "bfloat16"}[short]), f)
        digest = hashlib.sha256(b"".join(typed[n].contiguous().view(torch.uint8).numpy().tobytes() for n in sorted(typed)))
        metadata[f"input/{short}/{role}"] = digest.hexdigest()
    for name, case in CASES.items():
        metadata[f"case/{name}"] = yaml.safe_dump(case, sort_keys=False)
        if name not in RANDOM:
            run_merge(MergeConfiguration.model_validate(case), f"out-{name}", MergeOptions(copy_tokenizer=False, quiet=True, write_model_card=False))
            for tensor, x in load_file(f"out-{name}/model.safetensors").items():
                out[f"mergekit/{name}/{short}/{tensor}"] = sample(x)
        for tensor in shapes():
            place = int(tensor.split(".")[2]) / (LAYERS - 1) if ".layers." in tensor else 0.0
            x = exact(case, rounded, tensor, place)
            if x is not None and (short == "bf16" or name in RANDOM or name in F32_TOO):
                out[f"exact/{name}/{short}/{tensor}"] = torch.from_numpy(sample(x).copy())


def main():
    warnings.filterwarnings("ignore")
    path = os.path.join(os.path.dirname(os.path.realpath(__file__)), "goldens.safetensors.gz")
    if len(sys.argv) == 3:  # the process of one dtype
        out, metadata = {}, {}
        merge_all(sys.argv[1], out, metadata)
        save_file(out, sys.argv[2], metadata=metadata)
        return
    out, metadata = {}, {"mergekit": importlib.metadata.version("mergekit"), "torch": torch.__version__, "seed": str(SEED)}
    for short in ("f32", "bf16"):
        with tempfile.TemporaryDirectory() as work:
            part = os.path.join(work, "part.safetensors")
            subprocess.run([sys.executable, os.path.realpath(__file__), short, part], cwd=work, check=True)
            with safe_open(part, "pt") as f:
                metadata |= f.metadata()
                out |= {k: f.get_tensor(k) for k in f.keys()}
    with open(path, "wb") as f:
        f.write(gzip.compress(save(out, metadata=metadata), mtime=0))
    print(path, os.path.getsize(path), "bytes")


if __name__ == "__main__":
    main()

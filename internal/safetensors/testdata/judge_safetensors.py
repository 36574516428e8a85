"""Judges luth's safetensors with the packages of Hugging Face.

    judge_safetensors.py read    reads files, each with its length before it (4 bytes, little-endian),
                                 from stdin; prints a line of JSON for each: its tensors, or null
    judge_safetensors.py write   reads a list of models as JSON from stdin; prints each file in base64
    judge_safetensors.py split   reads lists of sizes as JSON; prints how huggingface_hub shards them
"""
import base64
import ctypes
import hashlib
import json
import sys

import safetensors

# The names that the Python package gives to dtypes. F6 has none.
NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn",
    "F8_E8M0": "float8_e8m0fnu", "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16", "I32": "int32", "U32": "uint32",
    "F32": "float32", "C64": "complex64", "F64": "float64", "I64": "int64", "U64": "uint64",
}


def read():
    while prefix := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(int.from_bytes(prefix, "little"))
        try:
            tensors = safetensors.deserialize(data)
        except Exception:
            print("null")
            continue
        print(json.dumps({n: [t["dtype"], t["shape"], hashlib.sha256(t["data"]).hexdigest()] for n, t in tensors}))


def write():
    for model in json.load(sys.stdin):
        buffers, specs = [], {}
        for t in model["tensors"]:
            data = base64.b64decode(t["data"])
            buffers.append(ctypes.create_string_buffer(data, len(data)))
            specs[t["name"]] = safetensors.TensorSpec(
                dtype=NAMES[t["dtype"]], shape=t["shape"], data_ptr=ctypes.addressof(buffers[-1]), data_len=len(data))
        print(base64.b64encode(safetensors.serialize(specs, model["metadata"])).decode())


def split():
    from huggingface_hub import split_state_dict_into_shards_factory

    for case in json.load(sys.stdin):
        parts = split_state_dict_into_shards_factory(
            dict(case["tensors"]), get_storage_size=lambda size: size, get_storage_id=lambda size: None,
            filename_pattern="model{suffix}.safetensors", max_shard_size=case["limit"])
        index = {"metadata": parts.metadata, "weight_map": parts.tensor_to_filename}
        print(json.dumps(json.dumps(index, indent=2, sort_keys=True) + "\n" if parts.is_sharded else None))


{"read": read, "write": write, "split": split}[sys.argv[1]]()

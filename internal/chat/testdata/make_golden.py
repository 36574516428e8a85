"""Makes golden.jsonl.gz: conversations, and what each template makes of them.

    pip install jinja2==3.1.6 transformers==5.24.0
    python make_golden.py

Every text is that of a real tokenizer's apply_chat_template (transformers, no
torch needed), checked to be the same with jinja2 alone. Qwen3's template is
read from ../shared/data.
"""
import gzip
import json
import pathlib

import conversations
import judge_render

here = pathlib.Path(__file__).parent
templates = sorted(here.glob("templates/*.jinja")) + [here / "../../../../shared/data/qwen3-tokenizer/tokenizer_config.json"]
lines = []
for c in conversations.batch(20240726, 400):
    outs = {}
    for path in templates:
        template, tokens = judge_render.load(str(path))
        result = judge_render.render(template, tokens, c)
        assert judge_render.with_transformers(template, tokens, c) == result.get("out"), (path, c, result)
        name = "qwen3" if path.suffix == ".json" else path.stem
        outs[name] = {"out": result["out"], "generated": result["generated"]} if "out" in result else {"error": result["error"]}
    lines.append(json.dumps({"conversation": c, "renders": outs}, ensure_ascii=False))
with gzip.GzipFile(here / "golden.jsonl.gz", "wb", mtime=0) as f:
    f.write(("\n".join(lines) + "\n").encode())
print(len(lines), "conversations,", len(templates), "templates")

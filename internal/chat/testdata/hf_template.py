"""Renders Jinja templates with transformers' own compiled chat templates.

    pip install "transformers>=5.24" "jinja2>=3.1.6"      (no torch needed)

The clock of strftime_now stands at 2024-07-26 08:05:09.
"""
import datetime
import os

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import jinja2
import transformers.utils.chat_template_utils as utils

NOW = datetime.datetime(2024, 7, 26, 8, 5, 9)


class Clock(datetime.datetime):
    @classmethod
    def now(cls):
        return NOW


utils.datetime = Clock
compile = utils._cached_compile_jinja_template


def render(template, variables):
    """Returns {"out", "generated"}, with spans in bytes, or {"error"}."""
    blocks, spans = [], []
    try:
        compiled = compile(template)
        with compiled.environment.activate_tracker(blocks, spans):
            for block in compiled.generate(variables):
                blocks.append(block)
        text = "".join(blocks)
        text.encode()
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}
    return {"out": text, "generated": [[len(text[:a].encode()), len(text[:b].encode())] for a, b in spans]}

"""Renders Jinja templates as transformers.apply_chat_template does.

The environment is that of transformers 5.24 (utils/chat_template_utils.py),
written with jinja2 alone so that a judge needs no more than `pip install jinja2`.
With --check-transformers every result is also compared with transformers' own
compiled template.

Reads JSON lines {"template", "vars"} on standard input and prints, for each,
{"out", "generated"} or {"error"}. A line {"template": null} uses the one before.
The clock of strftime_now stands at 2024-07-26 08:05:09.
"""
import datetime
import json
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2024, 7, 26, 8, 5, 9)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}
    blocks, spans = None, None

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_mark"), [], [], body).set_lineno(line)

    def _mark(self, caller):
        text = caller()
        if Generation.blocks is not None:
            start = len("".join(Generation.blocks))
            Generation.spans.append((start, start + len(text)))
        return text


class Namespace(jinja2.utils.Namespace):
    def __init__(*args, **kwargs):
        self, args = args[0], args[1:]
        attrs = dict(*args, **kwargs)
        for name in attrs:
            Namespace.check(name)
        jinja2.utils.Namespace.__init__(self, attrs)

    def __setitem__(self, name, value):
        Namespace.check(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def check(name):
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError(name)


class Dict:
    def __call__(self, *args, **kwargs):
        return dict(*args, **kwargs)


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals.update(
        raise_exception=raise_exception, strftime_now=lambda format: NOW.strftime(format), dict=Dict(), namespace=Namespace
    )
    return env


ENV = environment()
COMPILED = {}


def render(template, variables):
    try:
        compiled = COMPILED.get(template) or COMPILED.setdefault(template, ENV.from_string(template))
        Generation.blocks, Generation.spans = [], []
        for block in compiled.generate(variables):
            Generation.blocks.append(block)
        text = "".join(Generation.blocks)
        text.encode()
        spans = [[len(text[:a].encode()), len(text[:b].encode())] for a, b in Generation.spans]
        return {"out": text, "generated": spans}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def with_transformers(template, variables):
    import transformers.utils.chat_template_utils as utils

    class Clock(datetime.datetime):
        @classmethod
        def now(cls):
            return NOW

    utils.datetime = Clock
    try:
        text = utils._cached_compile_jinja_template(template).render(**variables)
        text.encode()
        return text
    except Exception:
        return None


if __name__ == "__main__":
    check = "--check-transformers" in sys.argv
    template = None
    for line in sys.stdin:
        case = json.loads(line)
        template = case["template"] if case["template"] is not None else template
        result = render(template, case["vars"])
        if check:
            assert with_transformers(template, case["vars"]) == result.get("out"), (case, result)
        print(json.dumps(result, ensure_ascii=False), flush=False)

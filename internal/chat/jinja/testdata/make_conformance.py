"""Makes conformance.jsonl.gz: small templates and what jinja2 makes of them.

    pip install jinja2==3.1.6 transformers==5.24.0
    python make_conformance.py

Each line of templates.txt is one template, a JSON string; "\\t" before it an
optional JSON object with variables. Without one, VARS below are used.
"""
import gzip
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here / "../../testdata"))
import hf_template

VARS = {
    "s": "Hello, World", "u": "héllo ŒUVRE ß ǆ 日本 😀", "ws": "  \n pad\t ", "e": "", "n": 7, "f": 2.5, "z": 0,
    "big": 123456789012345678901234567890, "t": True, "no": None,
    "l": [3, 1, 2], "words": ["b", "A", "c", "a"], "nested": [[1, 2], [3, 4]],
    "d": {"b": 1, "a": {"x": "y"}, "items": "own"}, "html": "<a href='x'>&\"</a>",
    "msgs": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "<think>\nx\n</think>\n\nyo"}, {"role": "user", "content": " bye "}],
    "mixed": [1, 1.0, "1", None, True, [], {}, 1.5e300, -0.0, 1e16, 1e-5],
    "quotes": "it's \"q\" \\ \n \x07 \u00e9 \u200b", "lines": "a\nb\r\nc\n\nd", "csv": "a,b,,c",
}

cases = []
for line in (here / "templates.txt").read_text().splitlines():
    if not line or line.startswith("#"):
        continue
    variables, _, template = line.rpartition("\t")
    variables = json.loads(variables) if variables else None
    template = json.loads(template)
    given = VARS if variables is None else variables
    result = hf_template.render(template, given)
    case = {"template": template, **result}
    if variables is not None:
        case["vars"] = variables
    cases.append(case)

data = "\n".join([json.dumps({"vars": VARS, "version": hf_template.jinja2.__version__}, ensure_ascii=False)] + [json.dumps(c, ensure_ascii=False) for c in cases]) + "\n"
with gzip.GzipFile(here / "conformance.jsonl.gz", "wb", mtime=0) as f:
    f.write(data.encode())
print(len(cases), "templates,", sum("error" in c for c in cases), "errors")

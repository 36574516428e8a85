"""Renders the same conversations with luth and with jinja2, side by side.

    pip install jinja2 transformers
    python docs/bench/chat.py [COUNT]

Conversations look like those of Luth-SFT: one to three exchanges in French,
answers of about 1.5 kB, one in three with thoughts. Times are user CPU seconds
of one core, the best of three: compiling and reading JSON are not counted for
jinja2; for luth the whole command is, reading and writing JSON included.
"""
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "internal/chat/testdata"))
import hf_template
import judge_render

CONFIG = root / "../shared/data/qwen3-tokenizer/tokenizer_config.json"
WORDS = "soit la fonction définie par $f(x) = x^2$ donc dérivée nulle en un point où l'on a montré que cette suite converge vers zéro".split()


def text(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def conversation(rng):
    messages = [{"role": "system", "content": text(rng, 12)}] if rng.random() < 0.3 else []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        thought = "<think>\n" + text(rng, 60) + "\n</think>\n\n" if rng.random() < 0.33 else ""
        messages += [{"role": "user", "content": text(rng, 40)}, {"role": "assistant", "content": thought + text(rng, 240)}]
    return {"messages": messages}


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    rng = random.Random(7)
    conversations = [conversation(rng) for _ in range(count)]
    template, tokens = judge_render.load(str(CONFIG))
    compiled = hf_template.compile(template)
    prepared = [{**tokens, "tools": None, "documents": None, "add_generation_prompt": False, "messages": judge_render.prepare(c["messages"])} for c in conversations]
    with tempfile.TemporaryDirectory() as folder:
        luth, data = f"{folder}/luth", f"{folder}/conversations.jsonl"
        subprocess.run(["go", "build", "-o", luth, "."], cwd=root, check=True)
        pathlib.Path(data).write_text("".join(json.dumps(c, ensure_ascii=False) + "\n" for c in conversations))
        times = {"jinja2": [], "luth": [], "luth --spans": []}
        for _ in range(3):
            start = cpu(resource.RUSAGE_SELF)
            expected = [compiled.render(**v) for v in prepared]
            times["jinja2"].append(cpu(resource.RUSAGE_SELF) - start)
            for name, flag in (("luth", "--json"), ("luth --spans", "--spans")):
                start = cpu(resource.RUSAGE_CHILDREN)
                out = subprocess.run([luth, "dataset", "render", "--tokenizer-config", str(CONFIG), flag, data], check=True, capture_output=True, env={"GOMAXPROCS": "1"}).stdout
                times[name].append(cpu(resource.RUSAGE_CHILDREN) - start)
                assert [json.loads(line)["text"] for line in out.splitlines()] == expected
        pathlib.Path("/tmp/luth-bench-chat.jsonl").write_text(pathlib.Path(data).read_text())
    size = sum(len(t.encode()) for t in expected) / count
    print(f"{count} conversations of {size:.0f} bytes, Python {sys.version.split()[0]}, jinja2 {hf_template.jinja2.__version__}")
    for name, t in times.items():
        print(f"{name:14} {min(t) / count * 1e6:7.1f} us each, 570 thousand in {min(t) / count * 570e3:6.1f} s, {min(times['jinja2']) / min(t):.1f} times jinja2")


if __name__ == "__main__":
    main()

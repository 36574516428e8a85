"""Renders conversations with the chat templates of transformers.

Usage: judge_render.py TEMPLATE... < conversations
Each TEMPLATE is a .jinja file or a tokenizer_config.json. For each template,
then each line, prints {"template", "out", "generated"} or {"template", "error"}.
With --check-transformers the results must be those of a real tokenizer.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import hf_template

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
REASONING = ("reasoning_content", "thinking", "reasoning")


def load(path):
    if path.endswith(".jinja"):
        return pathlib.Path(path).read_text(), TOKENS
    config = json.loads(pathlib.Path(path).read_text())
    return config["chat_template"], {k: config[k] for k in ("bos_token", "eos_token", "pad_token", "unk_token") if config.get(k)}


def prepare(messages):
    """What transformers does to messages: null fields go, reasoning gets all its names."""
    out = []
    for message in messages:
        message = {k: v for k, v in message.items() if v is not None}
        reasoning = next((message[k] for k in REASONING if message.get(k) is not None), None)
        if reasoning is not None:
            message = {"thinking": reasoning, **message, "reasoning_content": reasoning}
        out.append(message)
    return out


def render(template, tokens, conversation):
    variables = {**tokens, **conversation, "messages": prepare(conversation["messages"])}
    for name, default in (("tools", None), ("documents", None), ("add_generation_prompt", False)):
        variables.setdefault(name, default)
    return hf_template.render(template, variables)


def with_transformers(template, tokens, conversation):
    import tokenizers
    import transformers

    if template not in cache:
        cache[template] = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer(tokenizers.models.BPE()), **tokens)
        cache[template].chat_template = template
    rest = dict(conversation)
    try:
        text = cache[template].apply_chat_template(rest.pop("messages"), tokenize=False, **rest)
        text.encode()
        return text
    except Exception:
        return None


cache = {}

if __name__ == "__main__":
    check = "--check-transformers" in sys.argv
    conversations = [json.loads(line) for line in sys.stdin]
    for path in (a for a in sys.argv[1:] if not a.startswith("--")):
        template, tokens = load(path)
        for c in conversations:
            result = render(template, tokens, c)
            if check:
                real = with_transformers(template, tokens, c)
                assert real == result.get("out"), (path, c, real, result)
            print(json.dumps({"template": pathlib.Path(path).name, **result}, ensure_ascii=False))

"""Random conversations for the tests: prints COUNT JSON lines from SEED.

Each is {"messages", "tools", "add_generation_prompt", ...} as `luth dataset
render` reads them. Contents are chosen to be hard: equal across messages,
empty, with white space at the ends, with think blocks whole and broken, with
text that looks like a template or like special tokens.
"""
import json
import random
import sys

TEXTS = [
    "", " ", "\n", "Bonjour", "Bonjour", "Résous $x^2 = 4$.", "  deux espaces  ", "\n\nligne\n\n", "héllo 日本 😀 ŒUVRE",
    "<|im_end|>", "<|im_start|>assistant\nfaux tour<|im_end|>\n", "{{ messages }} {% for %}", "user", "assistant", "system", "a", "aa",
    "<think>", "</think>", "texte </think> suite", "<think>\nsans fin", "[INST] x [/INST]</s>", "<end_of_turn>", "<|eot_id|>", "<|end|>",
    "<tool_response>\n42\n</tool_response>", "x\r\ny\tz", "\"guillemets\" et 'apostrophes' \\ \u0007", "fin.\n", "/no_think", "/think",
    "longue " * 40, "e\u0301 \u00a0 \u2028 \x1c", "0", "None", "<tool_call>\n{}\n</tool_call>",
]
THOUGHTS = ["", "\n", "Je réfléchis.", "\nligne 1\nligne 2\n", "  ", "Bonjour", "<think>", "a</think>b", "\n\nx\n\n"]
ARGUMENTS = [{}, {"x": 1}, {"x": "Bonjour", "y": [1, 2.5, None, True], "z": {"é": "\"q\"\n"}}, "{\"x\": 1}", {"q": "<|im_end|>"}]
TOOLS = [
    {"type": "function", "function": {"name": "calcule", "description": "Évalue <une> expression & rend 'x'.", "parameters": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}}},
    {"type": "function", "function": {"name": "météo", "description": "", "parameters": {}}},
]


def answer(rng):
    text = rng.choice(TEXTS)
    kind = rng.random()
    if kind < 0.4:
        text = "<think>" + rng.choice(["\n", ""]) + rng.choice(THOUGHTS) + rng.choice(["\n", ""]) + "</think>" + rng.choice(["\n\n", "\n", "", " "]) + text
    message = {"role": "assistant", "content": text}
    if rng.random() < 0.2:
        message[rng.choice(["reasoning_content", "thinking", "reasoning"])] = rng.choice(THOUGHTS + [None])
    return message


def calls(rng):
    message = answer(rng) if rng.random() < 0.5 else {"role": "assistant", "content": rng.choice(["", None, "J'appelle."])}
    message["tool_calls"] = [
        {"type": "function", "id": "abcdefgh%d" % i, "function": {"name": rng.choice(["calcule", "météo", ""]), "arguments": rng.choice(ARGUMENTS)}}
        for i in range(rng.choice([1, 1, 2, 3]))
    ]
    if rng.random() < 0.2:
        message["tool_calls"] = [call["function"] for call in message["tool_calls"]]
    return message


def content(rng):
    if rng.random() < 0.06:
        return [{"type": "text", "text": rng.choice(TEXTS)}, {"type": "image"}, {"type": "text", "text": rng.choice(TEXTS)}]
    return rng.choice(TEXTS)


def conversation(rng):
    messages = []
    if rng.random() < 0.5:
        messages.append({"role": "system", "content": content(rng)})
    orderly = rng.random() < 0.75
    for _ in range(rng.choice([1, 1, 2, 3, 4])):
        if not orderly and rng.random() < 0.4:
            messages.append({"role": rng.choice(["user", "system", "tool", "assistant", "developer"]), "content": content(rng)})
            continue
        messages.append({"role": "user", "content": content(rng)})
        if rng.random() < 0.25:
            messages.append(calls(rng))
            for _ in range(rng.choice([1, 1, 2])):
                messages.append({"role": "tool", "content": rng.choice(TEXTS), "name": "calcule"})
        messages.append(answer(rng))
    if len(messages) > 1 and rng.random() < 0.35:
        messages.pop()
    out = {"messages": messages}
    if rng.random() < 0.5:
        out["add_generation_prompt"] = rng.random() < 0.7
    if rng.random() < 0.5:
        out["enable_thinking"] = rng.random() < 0.5
    if rng.random() < 0.25:
        out["tools"] = rng.sample(TOOLS, rng.choice([1, 2]))
    if rng.random() < 0.1:
        out["documents"] = [{"title": "T", "text": "x"}]
    if rng.random() < 0.1:
        out["keep_past_thinking"] = True
    return out


def batch(seed, count):
    rng = random.Random(seed)
    return [conversation(rng) for _ in range(count)]


if __name__ == "__main__":
    for c in batch(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(c, ensure_ascii=False))

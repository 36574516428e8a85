#!/usr/bin/env python3
"""Makes the golden files of internal/tokenizer with the Rust library.

    pip install tokenizers && python3 make_goldens.py ../../../../shared/data/qwen3-tokenizer/tokenizer.json

For every family but Qwen3, whose file is too large to keep, a small vocabulary
is trained on the text below and set in a tokenizer.json of the family's exact
structure. golden/NAME.json.gz is the file, golden/NAME.jsonl.gz has requests
with the library's answers.
"""

import gzip
import json
import os
import random
import sys

import reference
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN35 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

CORPUS = """
Soit f la fonction définie sur l'intervalle [0 ; +∞[ par f(x) = x² − 3x + 2. Montrer que f est dérivable, puis
étudier ses variations. L'élève vérifiera qu'aujourd'hui encore, « l'énoncé » n'est pas là où on l'attend.
Les forêts de chênes, près du château, abritent des hérissons ; où vont-ils l'hiver ? Ça dépend : quelques-uns
hibernent, d'autres s'en vont. Cœur, œuvre, naïf, Noël, aiguë, île, dû, à côté, déjà, très, être, même, après.
The quick brown fox jumps over the lazy dog. It's what we're told; they've said I'm wrong, she'll see, he'd go.
def racine(x: float) -> float:\n    if x < 0:\n        raise ValueError("x must be >= 0")\n    return x ** 0.5
\\begin{align} \\int_0^1 x^n \\, dx &= \\frac{1}{n+1} \\\\ \\sum_{k=0}^{n} \\binom{n}{k} &= 2^n \\end{align}
1234567890 3,14159 12 345,67 € 2024-06-18 50 % 1/3 x1 y22 z333
for (int i = 0; i < n; i++) { total += a[i]; } // somme\n\t\treturn total;\n<p class="x">Bonjour&nbsp;!</p>
Привет, мир! 你好，世界。 こんにちは世界。 안녕하세요 مرحبا بالعالم नमस्ते दुनिया שלום עולם
"""

SAMPLES = [
    "", " ", "  ", "\n", "\r\n", "\t", "\n\n\n", " \n ", "a", "é", "e\u0301", "ﬁ", "Å", "\u212b", "\u0344", "\u0958",
    "Bonjour, l'été n'est pas fini.", "L'ÉLÈVE S'EST TROMPÉ : AUJOURD'HUI, IL N'Y A RIEN D'AUTRE.",
    "I'm sure they'll say it's fine, don't you think? WE'VE SEEN IT, SHE'D'VE. 'Re 'VE 'lL 'ſ 'ſa l’été d’où",
    "f(x) = x² − 3x + 2, ∀x ∈ ℝ⁺, ∑ᵢ aᵢ ≤ ½ ⅔ Ⅻ ①②③ ٣٤٥ ४५६ 一二三", "\\frac{1}{n+1} $\\int_0^{+\\infty} e^{-x^2}\\,dx$ \\\\",
    "def f(x):\n    return x**2  # carré\n\n\n\tif x:\r\n\t\tpass\r\n", "a  b   c    d\n  e\n\n f \t g\u00a0h\u202fi\u2009j\u3000k\u2028l\u2029m\u0085n",
    "1 12 123 1234 12345 123456 1234567 12,5 1.234.567 3e10 0x1F 2024-01-31T12:00:00Z x1y2z3",
    "👩‍👩‍👧‍👦 👍🏽 🇫🇷🇧🇪 ❤️ ☕ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 😀😀", "Z̵̡̢͎a̶͗͝l̸͑g̷̈́o̴͋ à́̂̃̄ ạ̱̇ q̣̇ q̣̇",
    "한국어 각 가 ᄀᆨ ㄱㄴ", "नमस्ते दुनिया क्षत्रिय कि की", "ภาษาไทยไม่มีช่องว่าง", "שָׁלוֹם עוֹלָם וְאָהַבְתָּ", "مُحَمَّدٌ رَسُولُ ٱللَّٰهِ ١٢٣", "வணக்கம் ொ ொ",
    "你好，世界！这是一个测试。日本語のテキスト、カタカナー。", "\x00\x01\x02\x07\x08\x0b\x0c\x0e\x1b\x1f\x7f\x80\x9f", "\ufeffBOM \u200b\u200c\u200d\u2060 \u00ad soft", "\ufffd\ufffd \ufffe \uffff \U0010ffff \ue000",
    "<|endoftext|>", "<|im_start|>user\nBonjour<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nSalut !<|im_end|>\n",
    "a<|im_end|>b <|im_end|> c<|im_end|><|im_end|>", "<|im_end", "<|im_end|", "<<|im_end|>>", "<|IM_END|>", "<|begin_of_text|>Hi<|eot_id|>",
    "x" * 1000, "ab" * 700, "é" * 400, "é" * 300, " " * 500, "\n" * 300, "!" * 300, "1" * 200, "あ" * 200, "a\u0301\u0323" * 60, "\u0301" * 80, "a" + "\u0323\u0301" * 45,
    "jeveuxunmotfrancaisextremementlongsansaucunespacepourvoircequisepassequandlatabledesmotsnesuffitplus" * 5,
    "https://www.example.org/chemin/vers/page?x=1&y=2#fin contact@example.org C:\\Users\\x\\y.txt", "!!!???...---=== (a) [b] {c} «d» “e” ‘f’ – — … • · ° § µ",
    "a'b 'c' ''d'' '''e''' 's 't 'm 'd 're 've 'll 'S 'T 'M 'D 'RE 'VE 'LL 'x '", "  lead", "trail  ", " \u00a0 \u00a0x", "x \n y \r z \r\n w\n\n  v", "\u0378\u0530 \U00011de0\U00011de5\U00016ff4 1\U00011de01",
]

PIECES = [
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u202f", "\u2003", "\u3000", "\u0085", "'", "’", "'s", "'LL", "é", "e\u0301", "E\u0302\u0301", "\u0301", "\u0323", "\u0345", "ç", "œ", "ÿ", "a", "le", "La",
    "mot", "École", "123", "4", "½", "٣", "²", "+", "=", "−", "<", ">", "<|im_end|>", "<|im_start|>", "<think>", "</think>", "<|endoftext|>", "<sp>", "[w]", "<l>", "<r>", "<n\u0301>", "¤", "$x$", "\\frac", "{", "}", "//",
    "#", "👍🏽", "👩‍👧", "🇫🇷", "你", "好", "か", "が", "か\u3099", "한", "\u1112\u1161\u11ab", "\u11a8", "क", "\u093f", "ا", "\u064e", "\u05d0\u05b7", "\u0e01\u0e33", "\x00", "\x7f", "\u200d", "\ufeff", "\ufffd", ".", ",", "…", "—",
    "\u0344", "\u1e9b\u0323", "\u0b47\u0b56", "\U00011935\U00011930", "\U000110a5\U000110ba", "\U0001d15e",
]


def texts(rng, count):
    found = list(SAMPLES)
    words = CORPUS.split()
    lines = [l for l in CORPUS.split("\n") if l]
    found += lines
    while len(found) < count:
        kind = rng.randrange(4)
        if kind == 0:
            found.append("".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 14))))
        elif kind == 1:
            found.append(" ".join(rng.choice(words) for _ in range(rng.randrange(1, 12))))
        elif kind == 2:
            line = list(rng.choice(lines))
            for _ in range(rng.randrange(1, 6)):
                line.insert(rng.randrange(len(line) + 1), rng.choice(PIECES))
            start = rng.randrange(len(line))
            found.append("".join(line[start : start + rng.randrange(1, 60)]))
        else:
            limit = rng.choice([0x80, 0x250, 0x800, 0x3000, 0x10000, 0x20000])
            found.append("".join(c for c in (chr(rng.randrange(limit)) for _ in range(rng.randrange(1, 12))) if not 0xD800 <= ord(c) < 0xE000))
    return found[:count]


def id_lists(rng, size, encoded, count):
    lists = [[], [size + 1000000]]
    while len(lists) < count:
        if rng.randrange(2):
            lists.append([rng.randrange(size) for _ in range(rng.randrange(1, 12))])
        else:  # cut and joined, so that characters break
            a, b = rng.choice(encoded), rng.choice(encoded)
            lists.append(a[rng.randrange(len(a) + 1) :][:10] + b[: rng.randrange(len(b) + 1)][-10:])
    return lists


def added(id, content, special=True, **flags):
    token = {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": special}
    return {**token, **flags}


def byte_level(prefix=False, trim=True, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": regex}


def split(regex, trim=False):
    pattern = {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [pattern, byte_level(trim=trim, regex=False)]}


def template(token, id):
    piece = {"SpecialToken": {"id": token, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "type": "TemplateProcessing", "single": [piece, text],
        "pair": [piece, text, {"SpecialToken": {"id": token, "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
    }


def train(first, alphabet, size, regex=QWEN2):
    """Returns the vocabulary and merges of a small model, with some tokens put first."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(regex), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=first, initial_alphabet=alphabet, show_progress=False)
    t.train_from_iterator([CORPUS] * 3, trainer)
    model = json.loads(t.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def tokenizer(first, more, pre, post=None, normalizer=None, alphabet=None, size=600, pairs=True, regex=QWEN2, extra=(), **model):
    """first are tokens of the vocabulary, more come after it; extra are tokens that no merge makes."""
    full = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab, merges = train([t["content"] for t in first], full if alphabet is None else alphabet, size, regex)
    for token in extra:
        vocab.setdefault(token, len(vocab))
    new = iter(range(len(vocab), len(vocab) + len(more)))
    more = [{**t, "id": vocab[t["content"]] if t["content"] in vocab else next(new)} for t in more]
    m = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, **model,
        "vocab": vocab, "merges": [list(m) for m in merges] if pairs else [" ".join(m) for m in merges],
    }
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": first + more, "normalizer": normalizer,
        "pre_tokenizer": pre, "post_processor": post, "decoder": byte_level(prefix=True), "model": m,
    }


def families():
    nfc = {"type": "NFC"}
    chat = [added(0, "<|endoftext|>"), added(1, "<|im_start|>"), added(2, "<|im_end|>")]
    think = [added(0, "<think>", special=False), added(0, "</think>", special=False)]
    yield "qwen2", tokenizer([], chat, split(QWEN2), byte_level(trim=False, regex=False), nfc, pairs=False,
                             continuing_subword_prefix="", end_of_word_suffix="")
    yield "qwen35", tokenizer([], chat + think, split(QWEN35), byte_level(trim=False, regex=False), nfc, regex=QWEN35)
    llama = [added(0, t) for t in ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")]
    llama += [added(0, f"<|reserved_special_token_{i}|>") for i in range(40)]
    whole = ["ĠhÃ©rissons", "dÃ©rivable", "tion", "Ġaujourd"]
    t = tokenizer([], llama, split(LLAMA3, trim=True), None, extra=whole, pairs=False, regex=LLAMA3, ignore_merges=True)
    bos = t["added_tokens"][0]
    t["post_processor"] = {"type": "Sequence", "processors": [byte_level(prefix=True, trim=False), template(bos["content"], bos["id"])]}
    yield "llama3", t
    lfm = [added(i, t) for i, t in enumerate(("<|pad|>", "<|startoftext|>", "<|endoftext|>", "<|fim_pre|>", "<|im_start|>", "<|im_end|>"))]
    yield "lfm2", tokenizer(lfm, think, split(LLAMA3, trim=True), template("<|startoftext|>", 1), regex=LLAMA3)
    smol = [added(i, t) for i, t in enumerate(("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<jupyter_start>"))]
    digits = {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level()]}
    yield "smollm2", tokenizer(smol, [], digits, alphabet=[], pairs=False)  # bytes that the corpus lacks are lost
    yield "gpt2", tokenizer([], chat[:1], byte_level(), byte_level(prefix=True, trim=True), pairs=False)
    odd = [
        added(0, "<sp>", lstrip=True, rstrip=True), added(0, "<l>", lstrip=True), added(0, "<r>", rstrip=True, special=False),
        added(0, "[w]", single_word=True), added(0, "mot", single_word=True, special=False, normalized=True), added(0, "<l><r>"),
        added(0, "<n\u0301>", normalized=True), added(0, "\u00e9t\u00e9", normalized=True, special=False), added(0, "e\u0301t", special=False),
        added(0, "<n", special=False), added(0, "  ", special=False), added(0, "\u00a0", lstrip=True, rstrip=True, special=False, normalized=True),
        added(0, "½", special=False), added(0, "École", single_word=True, lstrip=True, rstrip=True, special=False, normalized=True),
    ]
    yield "odd", tokenizer([], odd, split(QWEN2, trim=True), byte_level(trim=True, regex=False), {"type": "Sequence", "normalizers": [nfc]})


def write(path, text):
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
        packed.write(text.encode())


def golden(name, tokenizer, size, count, folder):
    rng = random.Random(name)
    requests = [{"text": t} for t in texts(rng, count)]
    answers = [reference.answer(tokenizer, r) for r in requests]
    lists = id_lists(rng, size, [a["ids"] for a in answers], count // 4)
    requests += [{"ids": ids} for ids in lists]
    answers += [reference.answer(tokenizer, {"ids": ids}) for ids in lists]
    lines = (json.dumps([q, a], ensure_ascii=False, separators=(",", ":")) for q, a in zip(requests, answers))
    write(os.path.join(folder, name + ".jsonl.gz"), "\n".join(lines) + "\n")


def main():
    folder = os.path.join(HERE, "golden")
    os.makedirs(folder, exist_ok=True)
    for name, file in families():
        text = json.dumps(file, ensure_ascii=False, separators=(",", ":"))
        write(os.path.join(folder, name + ".json.gz"), text)
        t = Tokenizer.from_str(text)
        golden(name, t, t.get_vocab_size(), 700, folder)
    t = Tokenizer.from_file(sys.argv[1])
    golden("qwen3", t, t.get_vocab_size(), 3000, folder)


main()

"""Makes ../tokenizer-kinds.json.gz: small tokenizers of many kinds, and digests of what Python's tokenizers makes of 1,000 texts.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 && python test/golden/tokenizers/make.py

A text is put together from texts.json by draws that texts.ts repeats, so that none is kept. Of its ids, special ones included, one
byte is kept: the first of the SHA-256 of "id,id,…"; and of all texts' ids together the SHA-256 of "id,id;id,…".
"""

import base64
import gzip
import hashlib
import json
import pathlib

from character_map import map_for
from kinds import kinds

here = pathlib.Path(__file__).parent
parts = json.loads((here / "texts.json").read_text())


def texts(count, seed):
    """Texts in all scripts by turns: words of the script and other signs, with something between them."""
    state = seed

    def draw(n):
        nonlocal state
        state = state * 16807 % 2147483647
        return (state >> 4) % n

    def text(i):
        out = ""
        for _ in range(1 + draw(7)):
            words = parts["scripts"][i % len(parts["scripts"])] if draw(3) > 0 else parts["others"]
            out += words[draw(len(words))]
            out += parts["between"][draw(len(parts["between"]))]
        return out

    return [text(i) for i in range(count)]


def digest(text):
    return hashlib.sha256(text.encode())


def golden(count, seed, map_of=None):
    # Six scripts are never seen, so there is something that is not known.
    corpus = [text for i, text in enumerate(texts(600, 5)) if i % 20 < 14]
    all = texts(count, seed)
    out = {}
    for name, tokenizer in kinds(corpus, map_of or map_for(all)).items():
        tokenizer.encode_special_tokens = True
        found = [",".join(map(str, tokenizer.encode(text).ids)) for text in all]
        out[name] = {
            "file": json.loads(tokenizer.to_str()),
            "all": digest(";".join(found)).hexdigest(),
            "each": base64.b64encode(b"".join(digest(ids).digest()[:1] for ids in found)).decode(),
        }
    return out


if __name__ == "__main__":
    text = json.dumps(golden(1000, 1), ensure_ascii=False, separators=(",", ":"))
    (here.parent / "tokenizer-kinds.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))

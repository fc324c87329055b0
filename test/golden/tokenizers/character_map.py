"""SentencePiece's character maps, whole or for some characters only."""

import io
import tempfile

import sentencepiece
from tokenizers import normalizers


def fields(data):
    """Bytes by number of a protocol buffer."""
    at, out = 0, {}

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = number()
        if key & 7 == 2:
            size = number()
            out[key >> 3] = data[at : at + size]
            at += size
        elif key & 7 == 0:
            number()
        else:
            at += {1: 8, 5: 4}[key & 7]
    return out


def trained(**rule):
    """The map in a model that SentencePiece trains with a rule: field 2 of field 3."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a dog on the beach"] * 9), model_writer=out, vocab_size=14, hard_vocab_limit=False, minloglevel=9, **rule
    )
    return fields(fields(out.getvalue())[3])[2]


def whole_map(rule):
    return trained(normalization_rule_name=rule)


def map_for(texts):
    """The same for what stands in texts: SentencePiece compiles the rules that a whole map has for their characters and pairs of them."""
    parts = {text[i : i + size] for text in texts for size in (1, 2) for i in range(len(text) - size + 1)}

    def make(rule):
        whole = normalizers.Precompiled(whole_map(rule))
        single = {part: whole.normalize_str(part) for part in parts if len(part) == 1}
        rules = {part: to for part, to in single.items() if to != part}
        for part in parts:
            if len(part) == 2 and "\r" not in part and whole.normalize_str(part) != single[part[0]] + single[part[1]]:
                rules[part] = whole.normalize_str(part)
        # NUL is the end of a text there.
        hexes = lambda text: " ".join(f"{ord(character):X}" for character in text)
        lines = sorted(f"{hexes(part)}\t{hexes(to)}" for part, to in rules.items() if "\0" not in part)
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            return trained(normalization_rule_tsv=file.name)

    return make

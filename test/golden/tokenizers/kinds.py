"""Tokenizers of the kinds that models use, trained by Python's tokenizers on the words of texts.json; see make.py."""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

bert_special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
xlmr_special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# As in cl100k_base, which Llama 3, Qwen and others split at too.
cl100k = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
level = pre_tokenizers.ByteLevel
clip_words = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def made(model, trainer, corpus, normalizer=None, words=None, post=None, added=()):
    tokenizer = Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if words is not None:
        tokenizer.pre_tokenizer = words
    tokenizer.train_from_iterator(corpus, trainer)
    if added:
        tokenizer.add_tokens(list(added))
    if post is not None:
        tokenizer.post_processor = post
    return tokenizer


def template(before, after):
    single = " ".join([token for token, _ in before] + ["$A"] + [token for token, _ in after])
    return processors.TemplateProcessing(single=single, special_tokens=list(dict(before + after).items()))


def word_piece(corpus, size=300, special=bert_special, post=None, **more):
    return made(
        models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False),
        corpus, post=post or template([("[CLS]", 2)], [("[SEP]", 3)]), **more,
    )  # fmt: skip


def byte_pairs(corpus, size=380, special=(), alphabet=True, post=None, model=None, **given):
    known = ("end_of_word_suffix", "continuing_subword_prefix", "limit_alphabet")
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet else [],
        **{name: given[name] for name in known if name in given},
    )  # fmt: skip
    more = {name: value for name, value in given.items() if name not in known}
    return made(model or models.BPE(), trainer, corpus, post=post, **more)


def unigram(corpus, size=400, special=xlmr_special, unknown="<unk>", post=None, **more):
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=list(special), unk_token=unknown, show_progress=False)
    return made(models.Unigram(), trainer, corpus, post=post, **more)


def byte_fallback(tokenizer, fuse=False):
    """The same with pieces for all bytes, at the end of its vocabulary."""
    file = json.loads(tokenizer.to_str())
    model = file["model"]
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    if model["type"] == "Unigram":
        model["vocab"] += [[piece, -20.0] for piece in pieces]
    else:
        for piece in pieces:
            model["vocab"][piece] = len(model["vocab"])
        model["fuse_unk"] = fuse
    model["byte_fallback"] = True
    return Tokenizer.from_str(json.dumps(file))


def kinds(corpus, map_of):
    """Tokenizers by name, with the character maps that `map_of` gives for SentencePiece's rules."""
    nmt_nfkc, nmt_nfkc_cf = (normalizers.Precompiled(map_of(rule)) for rule in ("nmt_nfkc", "nmt_nfkc_cf"))
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    clip = ["<|startoftext|>", "<|endoftext|>"]
    isolated = pre_tokenizers.Split
    return {
        "bert": word_piece(corpus, normalizer=normalizers.BertNormalizer(), words=pre_tokenizers.BertPreTokenizer()),
        "bert-cased": word_piece(
            corpus,
            normalizer=normalizers.BertNormalizer(lowercase=False),
            words=pre_tokenizers.BertPreTokenizer(),
            post=processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)),
        ),
        "clip": byte_pairs(
            corpus, model=models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"), end_of_word_suffix="</w>",
            special=clip,
            normalizer=normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]),
            words=pre_tokenizers.Sequence([isolated(Regex(clip_words), "removed", invert=True), level(add_prefix_space=False)]),
            post=processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), False, False),
        ),
        "gpt2": byte_pairs(corpus, special=["<|endoftext|>"], words=level(add_prefix_space=False), post=processors.ByteLevel()),
        "roberta": byte_pairs(
            corpus, special=xlmr_special, words=level(add_prefix_space=True), post=processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        ),
        "cl100k": byte_pairs(
            corpus, words=pre_tokenizers.Sequence([isolated(Regex(cl100k), "isolated"), level(False, use_regex=False)]),
            special=["<|begin_of_text|>"], post=processors.Sequence([processors.ByteLevel(), template([("<|begin_of_text|>", 0)], [])]),
        ),
        "xlmr": unigram(
            corpus, normalizer=normalizers.Sequence([nmt_nfkc, spaces]),
            words=pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
            post=template([("<s>", 0)], [("</s>", 2)]),
        ),
        "t5": unigram(
            corpus, special=["<pad>", "</s>", "<unk>"], normalizer=nmt_nfkc, words=pre_tokenizers.Metaspace(), post=template([], [("</s>", 1)])
        ),
        "t5-first": byte_fallback(unigram(
            corpus, special=["<pad>", "</s>", "<unk>"], words=pre_tokenizers.Metaspace(prepend_scheme="first", split=False),
            normalizer=normalizers.Sequence([nmt_nfkc_cf, normalizers.Strip(False, True), normalizers.Replace(Regex(" {2,}"), "▁")]),
        )),
        "llama": byte_fallback(byte_pairs(
            corpus, alphabet=False, limit_alphabet=150, special=["<unk>", "<s>", "</s>"], model=models.BPE(unk_token="<unk>"),
            normalizer=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), post=template([("<s>", 1)], []),
        ), fuse=True),
        "whitespace": made(
            models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(special_tokens=bert_special, vocab_size=240, show_progress=False),
            corpus, words=pre_tokenizers.Whitespace(), normalizer=normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents()]),
        ),
        "metaspace": byte_pairs(
            corpus, alphabet=False, limit_alphabet=150, special=["<unk>"], words=pre_tokenizers.Metaspace(prepend_scheme="never"),
            model=models.BPE(unk_token="<unk>", fuse_unk=True), normalizer=normalizers.Sequence([normalizers.Nmt(), normalizers.NFD()]),
        ),
        "digits": word_piece(corpus, words=pre_tokenizers.Sequence([
            pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("merged_with_next"),
        ]), normalizer=normalizers.NFKC()),
        "digits-together": byte_pairs(
            corpus, alphabet=False, special=["[UNK]"], model=models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"), limit_alphabet=150,
            continuing_subword_prefix="##",
            words=pre_tokenizers.Sequence([pre_tokenizers.Digits(), pre_tokenizers.CharDelimiterSplit(" ")]),
        ),
        "punctuation": word_piece(corpus, words=pre_tokenizers.Sequence([
            pre_tokenizers.Punctuation("contiguous"), isolated(" ", "merged_with_previous"), pre_tokenizers.FixedLength(6),
        ]), normalizer=normalizers.Sequence([normalizers.Strip(), normalizers.NFC(), normalizers.Lowercase()])),
        "byte-level": byte_pairs(
            corpus, special=["<|endoftext|>"], normalizer=normalizers.ByteLevel(), words=isolated(Regex("Ġ?[^Ġ]+"), "isolated")
        ),
        "added": word_piece(
            corpus, normalizer=normalizers.BertNormalizer(), words=pre_tokenizers.BertPreTokenizer(),
            added=[
                AddedToken("café", normalized=True), AddedToken("dog", single_word=True, normalized=False),
                AddedToken("собака", lstrip=True, normalized=False), AddedToken("12", rstrip=True, normalized=False),
                AddedToken("BEACH", normalized=False), AddedToken("the beach", normalized=True), AddedToken("…", normalized=False),
            ],
        ),
    }  # fmt: skip

"""Makes tokenizers.json: two small tokenizers trained by Python's tokenizers 0.23.3, and what they make of some texts.

    pip install tokenizers==0.23.3 && python test/golden/golden_tokenizers.py
"""

import json
import pathlib

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

corpus = [
    "grinning face with big eyes", "face with tears of joy", "woman running: facing right", "flag: Åland Islands",
    "zażółć gęślą jaźń", "лицо со слезами радости", "笑い泣き", "smiling cat, joy, tears", "3 o’clock", "don't stop",
]
texts = corpus + ["", " ", "unseen words", "FACE of Joy!", "faces…", "a\tb\nc", "ÅLAND", "x" * 120, "泣き face", "right-facing", "no. 12,5"]

bert = Tokenizer(models.WordPiece(unk_token="[UNK]"))
bert.normalizer = normalizers.BertNormalizer(lowercase=True)
bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
bert.train_from_iterator(
    corpus, trainers.WordPieceTrainer(vocab_size=180, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
)
bert.decoder = decoders.WordPiece()
bert.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))

roberta = Tokenizer(models.BPE())
roberta.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
roberta.train_from_iterator(
    corpus,
    trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    ),
)
roberta.decoder = decoders.ByteLevel()
roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))

golden = {
    name: {"file": json.loads(tokenizer.to_str()), "encoded": [[text, tokenizer.encode(text).ids] for text in texts]}
    for name, tokenizer in {"bert": bert, "roberta": roberta}.items()
}
pathlib.Path(__file__).with_name("tokenizers.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")

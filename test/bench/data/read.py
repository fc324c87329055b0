"""Reads images of a WebDataset tar as patches, with webdataset and torchvision: read.py MODE COUNT TAR... prints CPU seconds."""

import sys
import time

import torch
import webdataset
from torchvision import transforms
from torchvision.transforms import InterpolationMode

SIZE, PATCH = 256, 16
HALVES = transforms.Normalize([0.5] * 3, [0.5] * 3)
MODES = {
    "crop": transforms.Compose(
        [
            transforms.RandomResizedCrop(SIZE, scale=(0.5, 1.0), interpolation=InterpolationMode.BICUBIC),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            HALVES,
        ]
    ),
    "plain": transforms.Compose([transforms.ToTensor(), HALVES]),
    "bytes": transforms.PILToTensor(),
}


def patches(image):
    across = SIZE // PATCH
    return image.view(3, across, PATCH, across, PATCH).permute(1, 3, 2, 4, 0).reshape(across**2, -1).contiguous()


mode, count, *tars = sys.argv[1:]
torch.set_num_threads(1)
view = MODES[mode]
data = webdataset.WebDataset(tars, shardshuffle=False).decode("pilrgb").to_tuple("jpg", "txt")
read = 0
for image, _ in data:
    assert patches(view(image)).shape == (256, 768)
    read += 1
    if read == int(count):
        break
assert read == int(count)
print(time.process_time())

"""Makes test/golden/*.safetensors, or those named, from PyTorch, timm and transformers; see README.md beside this file."""

import json
import os
import struct
import sys
from functools import partial

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "bench", "peers"))

import torch  # noqa: E402
from golden_attention import make_attention  # noqa: E402
from golden_blocks import make_blocks  # noqa: E402
from golden_convolution import make_convolution  # noqa: E402
from golden_step import make_step  # noqa: E402
from golden_systems import SYSTEMS, make_system  # noqa: E402
from safetensors import safe_open  # noqa: E402

KINDS = {torch.float32: "F32", torch.int32: "I32", torch.bool: "BOOL"}


def write(name, tensors, metadata):
    """Saves one file; numbers of 64 bits become 32. Not by save_file: its header's order differs from run to run."""
    narrow = {torch.float64: torch.float32, torch.int64: torch.int32}
    kept = {key: value.detach().to(narrow.get(value.dtype, value.dtype)).contiguous() for key, value in tensors.items()}
    # Single bytes last, so that every number of four bytes is aligned.
    order = sorted(kept, key=lambda key: (kept[key].dtype == torch.bool, key))
    header, offset = {"__metadata__": {key: str(value) for key, value in metadata.items()}}, 0
    for key in order:
        end = offset + kept[key].nbytes
        header[key] = {"dtype": KINDS[kept[key].dtype], "shape": list(kept[key].shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = os.path.join(here, name)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for key in order:
            out.write(kept[key].numpy().tobytes())
    os.chmod(path, 0o644)
    with safe_open(path, "pt") as saved:
        assert all(saved.get_tensor(key).equal(kept[key]) for key in order)
    print(f"{name}: {len(kept)} tensors, {os.path.getsize(path)} bytes")
    for key, value in metadata.items():
        print(f"  {key}: {value}")


torch.set_num_threads(1)
FILES = {"step": make_step, "blocks": make_blocks, "attention": make_attention, "convolution": make_convolution}
FILES |= {name: partial(make_system, name) for name in SYSTEMS}
for file in sys.argv[1:] or FILES:
    write(f"{file}.safetensors", *FILES[file]())

"""What a user of webdataset and Pillow writes: shorter side to 256 (bicubic, antialiased), centre crop, JPEG 95 4:2:0, into shards."""
import io
import json
import os
import sys

import webdataset
from PIL import Image

source, out, size = sys.argv[1], sys.argv[2], 256
os.makedirs(out)
rows = json.load(open(source))
with webdataset.ShardWriter(os.path.join(out, "shard-%06d.tar"), maxcount=1000, verbose=0) as sink:
    for index, row in enumerate(rows):
        with open(row["file"], "rb") as file:
            image = Image.open(io.BytesIO(file.read())).convert("RGB")
        width, height = image.size
        scale = size / min(width, height)
        image = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
        left, top = (image.width - size) // 2, (image.height - size) // 2
        image = image.crop((left, top, left + size, top + size))
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=95, subsampling=2)
        about = {"caption": row["caption"], "width": size, "height": size, "original_width": width, "original_height": height}
        sink.write({"__key__": f"{index:09d}", "jpg": encoded.getvalue(), "txt": row["caption"], "json": about})

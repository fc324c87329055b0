"""Makes images.json: what Pillow 13.0.0 gives for small images, to compare resampling and operations with.

    pip install pillow==13.0.0 && python test/golden/golden_images.py
"""

import json
import pathlib

from PIL import Image, ImageEnhance, ImageOps


def noise(width: int, height: int, seed: int) -> Image.Image:
    state, values = seed, []
    for _ in range(width * height * 3):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(40 + (state >> 16) % 180)
    return Image.frombytes("RGB", (width, height), bytes(values))


def case(image: Image.Image) -> dict:
    return {"width": image.width, "height": image.height, "data": image.tobytes().hex()}


source = noise(23, 17, 1)
resampled = [
    {
        "box": [x, y, width, height],
        "size": size,
        "interpolation": name,
        "data": source.crop((x, y, x + width, y + height)).resize((size, size), filter).tobytes().hex(),
    }
    for name, filter in [("bicubic", Image.BICUBIC), ("bilinear", Image.BILINEAR)]
    for (x, y, width, height) in [(0, 0, 23, 17), (3, 2, 14, 12), (22, 16, 1, 1)]
    for size in [1, 6, 12, 29]
]
square = noise(24, 24, 7)
operations = {
    "autoContrast": ImageOps.autocontrast(square),
    "equalize": ImageOps.equalize(square),
    "brightness 0.55": ImageEnhance.Brightness(square).enhance(0.55),
    "brightness 1.36": ImageEnhance.Brightness(square).enhance(1.36),
    "sharpness 0.4": ImageEnhance.Sharpness(square).enhance(0.4),
    "sharpness 1.36": ImageEnhance.Sharpness(square).enhance(1.36),
}
golden = {
    "source": case(source),
    "resampled": resampled,
    "square": case(square),
    "operations": {name: image.tobytes().hex() for name, image in operations.items()},
}
pathlib.Path(__file__).with_name("images.json").write_text(json.dumps(golden, indent=1) + "\n")

"""Makes jpegs/*: JPEGs of many kinds, what Pillow 13.0.0 reads in them (the PNG of the same name, or baseline.png where that is
the same), and damage.json, which says of damaged copies whether Pillow reads them. Pillow writes few samplings, so the rest
(sampling-*.jpg) are coded here.

    pip install pillow==13.0.0 && python test/golden/golden_jpegs.py
"""

import io
import json
import math
import pathlib
import warnings

from PIL import Image

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).with_name("jpegs")


def image(width: int, height: int) -> Image.Image:
    values = [
        (int(127 + 100 * math.sin(x / 5)), int(127 + 100 * math.cos(y / 7)), (x * 3 + y * 5) % 256)
        for y in range(height)
        for x in range(width)
    ]
    return Image.frombytes("RGB", (width, height), bytes(v for value in values for v in value))


def jpeg(image: Image.Image = image(26, 37), **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 85, **options})
    return out.getvalue()


def at_scan(data: bytes) -> int:
    return data.index(b"\xff\xda")


def segments(data: bytes, marker: int) -> list[bytes]:
    found, at = [], 2
    while data[at + 1] != 0xDA:
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == marker:
            found.append(data[at : at + length])
        at += length
    return found


def codes(table: bytes) -> dict[int, str]:
    """The bits of each symbol of a DHT segment with one table."""
    lengths, symbols = table[5:21], iter(table[21:])
    code, known = 0, {}
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            known[next(symbols)] = format(code, f"0{length}b")
            code += 1
        code <<= 1
    return known


ZIGZAG = sorted(((u, v) for v in range(8) for u in range(8)), key=lambda p: (sum(p), p[1] if sum(p) % 2 else p[0]))
COSINES = [[math.cos((2 * x + 1) * u * math.pi / 16) * (math.sqrt(0.125) if u == 0 else 0.5) for x in range(8)] for u in range(8)]


def sampled(factors: list[tuple[int, int]]) -> bytes:
    """A baseline JPEG of 32 × 32 pixels whose Y, Cb, Cr have these factors, with the tables of Pillow's."""
    like, image = jpeg(), image(32, 32).convert("YCbCr").split()
    quants = [table[5:] for table in segments(like, 0xDB)]
    tables = {table[4]: codes(table) for table in segments(like, 0xC4)}
    across, down = max(h for h, _ in factors), max(v for _, v in factors)
    planes = []
    for plane, (h, v) in zip(image, factors):
        planes.append(plane.resize((32 * h // across, 32 * v // down), Image.BOX).load())
    bits, before = [], [0, 0, 0]

    def amplitude(value: int) -> tuple[int, str]:
        size = abs(value).bit_length()
        return size, format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""

    def block(component: int, column: int, row: int) -> None:
        pixels, chroma = planes[component], min(component, 1)
        rows = [[sum(c[x] * (pixels[8 * column + x, 8 * row + y] - 128) for x in range(8)) for c in COSINES] for y in range(8)]
        values = [
            round(sum(COSINES[v][y] * rows[y][u] for y in range(8)) / quant) for (u, v), quant in zip(ZIGZAG, quants[chroma])
        ]
        size, extra = amplitude(values[0] - before[component])
        before[component] = values[0]
        bits.append(tables[chroma][size] + extra)
        zeros = 0
        for value in values[1 : 1 + max((i for i in range(1, 64) if values[i]), default=0)]:
            if value == 0:
                zeros += 1
                continue
            bits.extend([tables[16 + chroma][0xF0]] * (zeros // 16))
            size, extra = amplitude(value)
            bits.append(tables[16 + chroma][zeros % 16 * 16 + size] + extra)
            zeros = 0
        if not values[63]:
            bits.append(tables[16 + chroma][0])

    for y in range(4 // down):
        for x in range(4 // across):
            for component, (h, v) in enumerate(factors):
                for i in range(h * v):
                    block(component, x * h + i % h, y * v + i // h)
    coded = "".join(bits)
    coded += "1" * (-len(coded) % 8)
    scan = int(coded, 2).to_bytes(len(coded) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = b"".join(bytes([i + 1, h * 16 + v, min(i, 1)]) for i, (h, v) in enumerate(factors))
    head = b"\xff\xd8" + b"".join(segments(like, 0xE0) + segments(like, 0xDB) + segments(like, 0xC4))
    head += b"\xff\xc0\0\x11\x08\0\x20\0\x20\x03" + frame
    return head + like[at_scan(like) : at_scan(like) + 14] + scan + b"\xff\xd9"


turned = Image.Exif()
turned[0x112] = 6
plain = jpeg()
scan = at_scan(plain)
made = {
    "baseline": plain,
    "444": jpeg(subsampling=0),
    "422": jpeg(subsampling=1),
    "progressive": jpeg(progressive=True),
    "progressive-restarts": jpeg(progressive=True, restart_marker_rows=1),
    "restarts": jpeg(restart_marker_blocks=2),
    "grey": jpeg(image(26, 37).convert("L")),
    "cmyk": jpeg(image(26, 37).convert("CMYK")),
    "rgb": jpeg(keep_rgb=True),
    "exif": jpeg(exif=turned),
    # As Samsung's phones write it: the parameters of the scan are all zero.
    "scan-parameters": plain[: scan + 11] + b"\0\0\0" + plain[scan + 14 :],
    "bytes-between-segments": plain[:scan] + bytes(9) + plain[scan:],
    "bytes-before-end": plain[:-2] + b"\x12\x34\x56" + plain[-2:],
    "adobe-transform": plain[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x05" + plain[2:],
    "jfif-version": plain[:11] + b"\x07" + plain[12:],
    "bytes-behind-end": plain + bytes(40) + b"hello",
    "sampling-440": sampled([(1, 2), (1, 1), (1, 1)]),
    "sampling-411": sampled([(4, 1), (1, 1), (1, 1)]),
    "sampling-410": sampled([(4, 2), (1, 1), (1, 1)]),
    "sampling-mixed": sampled([(2, 2), (2, 1), (1, 2)]),
    "sampling-chroma-larger": sampled([(1, 1), (2, 2), (2, 2)]),
}


def read(data: bytes) -> Image.Image | None:
    """What Pillow reads, if it does."""
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
        return image
    except Exception:
        return None


state = 7


def draw(least: int, limit: int) -> int:
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return least + (state >> 8) % (limit - least)


def damaged(data: bytes, how: str, at: int, value: int) -> bytes:
    length = min(value, len(data) - at)
    change = {"set": bytes([value]), "zero": bytes(length), "drop": b""}[how]
    return data[:at] + change + data[at + (1 if how == "set" else length) :]


for name, data in made.items():
    (here / f"{name}.jpg").write_bytes(data)
damage = []
for path in sorted(here.glob("*.jpg")):
    data = path.read_bytes()
    image = read(data)
    if image.mode != "CMYK":
        pixels = image.convert("RGB")
        if path.stem == "exif":
            pixels = pixels.transpose(Image.Transpose.ROTATE_270)
        if path.stem == "baseline" or pixels.tobytes() != read(plain).tobytes():
            pixels.save(path.with_suffix(".png"), optimize=True)
    for how in ["set", "set", "zero", "drop"] * 2:
        at = draw(2 if how == "set" else at_scan(data) + 12, len(data) - 2)
        value = draw(0, 256) if how == "set" else draw(1, 17)
        seen = read(damaged(data, how, at, value))
        # Not where an image has become larger than its data.
        if seen is None or seen.size == image.size:
            damage.append([path.stem, how, at, value, seen is not None])
lines = ",\n".join(json.dumps(each) for each in damage)
(here / "damage.json").write_text(f"[\n{lines}\n]\n")

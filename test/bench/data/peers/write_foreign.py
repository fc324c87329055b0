"""Writes one small data set as the peers write theirs: webdataset's shards and pyarrow's parquet.

usage: write_foreign.py ROWS.json OUT: ROWS is [{"file", "captions"}], OUT an empty folder. Runs in .venv-webdataset.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import webdataset as wds


def read_rows(path):
    rows = json.loads(Path(path).read_text())
    return [(Path(row["file"]).read_bytes(), row["captions"]) for row in rows]


def write_shards(rows, out):
    """Two shards, as open_clip's users make them: an image, a text and a JSON each."""
    out.mkdir()
    with wds.ShardWriter(str(out / "shard-%06d.tar"), maxcount=(len(rows) + 1) // 2, verbose=0) as sink:
        for i, (image, captions) in enumerate(rows):
            sink.write({"__key__": f"sample{i:06d}", "jpg": image, "txt": captions[0], "json": {"captions": captions}})


def write_long_names(rows, out):
    """One tar with names beyond ustar's, which Python writes as pax or GNU headers, and compressed members of no interest."""
    out.mkdir()
    with wds.TarWriter(str(out / "long.tar")) as sink:
        for i, (image, captions) in enumerate(rows):
            key = "folder" * 30 + f"/ünïcode{i}"
            sink.write({"__key__": key, "jpg": image, "txt": captions[0], "cls": i, "pyd": {"skip": i}})


def write_parquet(rows, out, **options):
    """Hugging Face's columns: a struct of bytes and path, and a list of captions."""
    out.mkdir()
    image = pa.StructArray.from_arrays(
        [pa.array([image for image, _ in rows], pa.binary()), pa.array([f"{i}.jpg" for i in range(len(rows))])], ["bytes", "path"]
    )
    table = pa.table({"image": image, "caption": pa.array([captions for _, captions in rows], pa.list_(pa.string()))})
    pq.write_table(table, out / "train-00000-of-00001.parquet", row_group_size=3, **options)


def main():
    rows, out = read_rows(sys.argv[1]), Path(sys.argv[2])
    write_shards(rows, out / "webdataset")
    write_long_names(rows, out / "webdataset-names")
    for codec in ["snappy", "zstd", "gzip", "brotli", "lz4"]:
        write_parquet(rows, out / f"parquet-{codec}", compression=codec)
    write_parquet(rows, out / "parquet-pages", write_page_index=True, data_page_version="2.0")


main()

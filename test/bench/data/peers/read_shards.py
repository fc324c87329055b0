"""Reads shards with Python's tarfile and webdataset and their tables with pyarrow; prints what was found as JSON."""
import glob
import hashlib
import json
import sys
import tarfile

import pyarrow.parquet
import webdataset

folder = sys.argv[1]
tars = sorted(glob.glob(f"{folder}/shard-*.tar"))
members = {}
for path in tars:
    with tarfile.open(path) as tar:
        for member in tar:
            assert member.isreg() and member.mode == 0o644 and member.mtime == 0, member.name
            members[member.name] = hashlib.sha256(tar.extractfile(member).read()).hexdigest()
samples = []
for sample in webdataset.WebDataset(tars, shardshuffle=False, empty_check=False).decode("rgb8"):
    height, width, _ = sample["jpg"].shape
    about = sample["json"]
    assert (width, height) == (about["width"], about["height"]) and sample["txt"] == about["captions"][0], about["id"]
    samples.append({"key": sample["__key__"], "id": about["id"], "tokens": about.get("tokens")})
rows = [row for path in sorted(glob.glob(f"{folder}/shard-*.parquet")) for row in pyarrow.parquet.read_table(path).to_pylist()]
print(json.dumps({"members": members, "samples": samples, "rows": rows}))

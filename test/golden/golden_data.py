"""Makes data.json: what Python's csv, pandas, ast, json, numpy, codecs, webdataset and pycocotools make of small texts, names and lists.

    pip install pandas==3.1.1 numpy webdataset==1.0.2 pycocotools==2.0.11 && python test/golden/golden_data.py
"""

import ast
import base64
import contextlib
import csv
import io
import json
import pathlib
import tempfile

import numpy as np
import pandas as pd
from pycocotools.coco import COCO
from webdataset.tariterators import base_plus_ext

# Rows as csv.reader gives them in the dialect that their writer used; pandas must agree.
DIALECTS = {
    "plain": {},
    "backslashes": {"escapechar": "\\", "doublequote": False},
    "spaces": {"skipinitialspace": True},
    "no quotes": {"quoting": csv.QUOTE_NONE, "quotechar": None},
}
TABLES = [
    ("plain", ",", 'f,c\na.jpg,"one, ""two"""\nb.jpg,"over\nlines"\nc.jpg,plain "quoted" words\n'),
    ("backslashes", ",", 'f,c\na.jpg,"a \\"nice\\" thing, 0"\nb.jpg,"say \\"yes\\", then"\nc.jpg,"\\"all\\""\n'),
    ("spaces", ",", 'f, c\na.jpg, "quoted, after space"\nb.jpg, plain\nc.jpg, "x ""y"" z"\n'),
    ("no quotes", "\t", 'f\tc\na.jpg\tone\nb.jpg\t"unbalanced start of it\nc.jpg\tthree\nd.jpg\t"another\ne.jpg\tfive\n'),
]


def table(dialect, separator, text):
    options = DIALECTS[dialect]
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, **options)]
    given = {key: value for key, value in options.items() if key != "quotechar"}
    frame = pd.read_csv(io.StringIO(text, newline=""), sep=separator, dtype=str, keep_default_na=False, **given)
    assert [list(frame.columns), *frame.values.tolist()] == rows, (dialect, rows, frame)
    return {"dialect": dialect, "separator": separator, "text": text, "rows": rows}


LISTS = [
    ["a 0 one", "b 0 two", "it's three"], ["say \"x\"", "both ' and \""], ["tab\t", "new\nline", "back\\slash", "é 日本 😀", "\x00\x7f\u200b"],
    [], ["one"], ["", " "], ["a, b", "[c]"], ["it's", None], [None],
]


def literals():
    cells = [repr(each) for each in LISTS] + [repr(tuple(each)) for each in LISTS if len(each) > 1]
    cells += [ascii(each) for each in LISTS] + [json.dumps(each) for each in LISTS if None not in each]
    cells += [" ['a', 'b',] ", "[\n 'a',\n 'b'\n]", r"['\u00e9\x41\101\d']"]
    read = [(cell, [text for text in ast.literal_eval(cell.strip()) if text is not None]) for cell in cells]
    # numpy has no commas; its strings have no quotes within, or ast's adjacent literals would be the reading.
    arrays = [["a one", "b two"], ["a"], [f"caption number {i} of a longer kind" for i in range(6)]]
    for each in arrays:
        array = np.array(each, dtype=object)
        read += [(str(array), each), (repr(array), each)]
    others = ["a cat", "[a cat]", "[1, 2]", "['a', 5]", "('one')", "(a, b)", "['a' b]", "['a'", "[['a']]", "['a''b']", "[sic] a cat", "[]a"]
    return [{"cell": cell, "texts": texts} for cell, texts in read] + [{"cell": cell, "texts": None} for cell in others]


def said(value):
    """A value with what JSON has no word for spelled."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": str(value)}
    if isinstance(value, dict):
        return {key: said(each) for key, each in value.items()}
    return [said(each) for each in value] if isinstance(value, list) else value


NUMBERS = [
    {"image": "a.jpg", "score": float("nan")}, [float("inf"), float("-inf"), 1.5, "NaN"], {"a \"NaN\" b": "Infinity, -Infinity", "n": float("nan")},
    {"deep": [{"x": [float("nan"), "\\", "NaN\\"]}]},
]
NAMES = [
    "a.jpg", "in/a.b.TXT", "in.to/a.seg.png", "none", "in.to/none", ".hidden", "d/._a.jpg", "/data/img/0.jpg", "../x/0.txt", "v1.5.jpg",
    "shot.0.2021.jpg", "./a.jpg", "a..jpg", "a.", "d.e/f",
]
TEXTS = [("utf-16", "a café – “x”"), ("utf-16-be", "\ufeffa café"), ("utf-8-sig", "a café"), ("cp1252", "a café – “x” €"), ("shift_jis", "日本")]
COCOS = [
    {"images": [{"id": "a0", "file_name": "0.jpg"}, {"id": "a1", "file_name": "1.jpg"}],
     "annotations": [{"id": 0, "image_id": "a0", "caption": "zero"}, {"id": 1, "image_id": "a1", "caption": "one"}]},
    {"images": [{"id": 1, "file_name": "number.jpg"}, {"id": "1", "file_name": "text.jpg"}],
     "annotations": [{"id": 0, "image_id": 1, "caption": "of the number"}, {"id": 1, "image_id": "1", "caption": "of the text"}]},
    {"images": [{"id": 1.0, "file_name": "float.jpg"}], "annotations": [{"id": 0, "image_id": 1, "caption": "one"}]},
]


def coco(listing):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file, contextlib.redirect_stdout(io.StringIO()):
        json.dump(listing, file)
        file.flush()
        read = COCO(file.name)
    captions = {image["file_name"]: [each["caption"] for each in read.imgToAnns[key]] for key, image in read.imgs.items()}
    return {"list": listing, "captions": captions}


golden = {
    "tables": [table(*each) for each in TABLES],
    "literals": literals(),
    "numbers": [{"text": json.dumps(each), "value": said(json.loads(json.dumps(each)))} for each in NUMBERS],
    "keys": [[name, *base_plus_ext(name)] for name in NAMES],
    "texts": [{"encoding": name, "bytes": base64.b64encode(text.encode(name)).decode(), "text": text.lstrip("\ufeff")} for name, text in TEXTS],
    "coco": [coco(each) for each in COCOS],
}
pathlib.Path(__file__).with_name("data.json").write_text(json.dumps(golden, ensure_ascii=True, indent=1) + "\n")

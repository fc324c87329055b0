"""Grids of vectors resized by PyTorch, for test/lib/weights/bicubic.test.ts. Run: python golden_bicubic.py > bicubic.json"""

import json

import torch

torch.manual_seed(0)
cases = []
for rows, columns, new_rows, new_columns in [(14, 14, 16, 16), (4, 4, 8, 8), (8, 8, 3, 3), (2, 3, 5, 4), (1, 1, 4, 4)]:
    # Rounded first, so that the file holds the very numbers that were resized.
    grid = (torch.randn(rows, columns, 2).double() * 1e6).round() / 1e6
    resized = torch.nn.functional.interpolate(
        grid.permute(2, 0, 1)[None], size=(new_rows, new_columns), mode="bicubic", align_corners=False, antialias=False
    )[0].permute(1, 2, 0)
    sizes = {"rows": rows, "columns": columns, "newRows": new_rows, "newColumns": new_columns, "width": 2}
    numbers = {"data": grid.flatten().tolist(), "resized": [round(x, 7) for x in resized.flatten().tolist()]}
    cases.append(sizes | numbers)
print(json.dumps(cases, separators=(",", ":")))

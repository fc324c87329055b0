#!/bin/sh
# Makes test/bench/peers/.venv with the pinned packages of requirements.txt; does nothing when it is already right.
# Needs python3 (3.10 or later), cc and nm; downloads about 620 MB (torch 540), takes 1.7 GB of disk.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stamp=$here/.venv/made-from
want=$(cat "$here/requirements.txt" "$here/cpu-stubs.py" | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
  exit 0
fi
[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
"$here/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
"$here/.venv/bin/python" "$here/cpu-stubs.py" "$here/.venv"
"$here/.venv/bin/python" -c 'import torch, safetensors.torch; torch.ones(2) @ torch.ones(2)'
echo "$want" >"$stamp"

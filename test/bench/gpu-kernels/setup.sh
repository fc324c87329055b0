#!/bin/sh
# Makes test/bench/gpu-kernels/.venv with the pinned packages of requirements.txt; does nothing when it is already right.
# Needs python3.11 or later; downloads about 330 MB, takes 1.1 GB of disk.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stamp=$here/.venv/made-from
want=$(cksum <"$here/requirements.txt")
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
  exit 0
fi
[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
"$here/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
echo "$want" >"$stamp"

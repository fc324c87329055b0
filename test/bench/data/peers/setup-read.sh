#!/bin/sh
# Makes what test/bench/data/read.py imports: torch and torchvision as pinned for test/bench (bench/peers/setup.sh), and webdataset
# in .venv-read beside this file. Does nothing when both are already right.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../peers/setup.sh"
want=$(cksum <"$here/read.txt")
into=$here/.venv-read
if [ -f "$into/made-from" ] && [ "$(cat "$into/made-from")" = "$want" ]; then
  exit 0
fi
"$here/../../peers/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --upgrade --target "$into" -r "$here/read.txt"
echo "$want" >"$into/made-from"

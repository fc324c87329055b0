#!/bin/sh
# Makes what read_open_clip.py imports: torch and torchvision as pinned for test/bench (bench/peers/setup.sh), and open_clip's training
# package in .venv-open-clip beside this file. Does nothing when both are already right.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../peers/setup.sh"
want=$(cksum <"$here/open-clip.txt")
into=$here/.venv-open-clip
if [ -f "$into/made-from" ] && [ "$(cat "$into/made-from")" = "$want" ]; then
  exit 0
fi
"$here/../../peers/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --upgrade --target "$into" -r "$here/open-clip.txt"
echo "$want" >"$into/made-from"

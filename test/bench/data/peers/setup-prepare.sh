#!/bin/sh
# Makes two private Python environments beside this file, for test/bench/data/prepare.ts and the round trips: .venv-img2dataset
# (img2dataset pins webdataset < 0.3) and .venv-webdataset (webdataset with Pillow). Does nothing when both are already right.
# Needs python3 (3.10 or later); downloads about 250 MB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
make() {
  name=$1
  want=$(cksum <"$here/$name.txt")
  venv=$here/.venv-$name
  if [ -f "$venv/made-from" ] && [ "$(cat "$venv/made-from")" = "$want" ]; then
    return
  fi
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/$name.txt"
  echo "$want" >"$venv/made-from"
}
make img2dataset
make webdataset

#!/usr/bin/env bash
# Makes .venv with exactly the locked packages, on a machine that has nothing but python3 >= 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Homeward needs python3 >= 3.11; $($python --version) is here. Set PYTHON=/usr/bin/python3.12, say." >&2; exit 1; }

if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv 2>/dev/null || {
    echo "python3-venv is missing; installing it" >&2
    rm -rf .venv
    { as_root apt-get update -q && as_root apt-get install -y -q python3-venv; } >&2 || {
      echo "Could not install python3-venv. Install it, then run make again." >&2; exit 1; }
    "$python" -m venv .venv
  }
fi

# The packages first; pip with hashes wherever uv has no build.
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
if .venv/bin/uv --version >/dev/null 2>&1; then
  VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip sync -q --compile-bytecode --require-hashes requirements/bootstrap.txt requirements/all.txt
else
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/all.txt
fi
VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install -q --no-deps --no-build-isolation --no-index -e . ||
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
touch .venv/.ready

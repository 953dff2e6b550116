#!/usr/bin/env bash
# From a fresh Debian 12 machine to a result: installs what is missing, builds, compiles the bundled digits network to
# BM1684X bmodels in F32, F16, BF16 and INT8, runs them on the simulator and compares with onnxruntime.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup.sh
exec .venv/bin/python regression/digits.py "$@"

#!/usr/bin/env bash
# All tests: formatting and types, C++ unit tests, lit, Python, and the comparison with the vendor's simulator (skipped
# with the reason where its public wheel is not at hand). Options: --fast leaves out the networks.
set -euo pipefail
cd "$(dirname "$0")/.."
fast=0
for option in "$@"; do
  case $option in
    --fast) fast=1 ;;
    *) echo "test.sh: unknown option '$option'; the only one is --fast" >&2; exit 1 ;;
  esac
done
TPU_MLIR_SETUP_TESTS=1 bash tools/setup.sh
export PATH="$PWD/.venv/bin:/usr/lib/llvm-22/bin:$PATH"
export TPU_MLIR_BUILD_DIR="$PWD/build/cmake"

echo "== formatting and types"
ruff check python test regression tools
ruff format --check python test regression tools
mypy python/tpu_mlir
git ls-files '*.cpp' '*.h' | xargs -P 2 -n 20 clang-format-22 --dry-run --Werror

echo "== C++ unit tests"
ctest --test-dir build/cmake --output-on-failure -j "$(nproc)"

echo "== lit"
lit -q test --timeout 120

echo "== Python"
marks="not network"
[[ $fast == 1 ]] || marks=""
python -m pytest -q -n "$(nproc)" ${marks:+-m "$marks"} test

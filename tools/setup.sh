#!/usr/bin/env bash
# Installs what is missing on a Debian 12 machine and builds tpu-mlir into .venv and build/. Run again, it only does
# what is needed. TPU_MLIR_SETUP_TESTS=1 also installs and builds what the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=${TPU_MLIR_SETUP_TESTS:-0}
log=build/setup.log
mkdir -p build
: > "$log"

say() { printf '%s\n' "$*" >&2; }
run() { # runs a step quietly; its output is shown only when it fails
  local what=$1
  shift
  say "[setup] $what"
  if ! "$@" >> "$log" 2>&1; then
    tail -n 60 "$log" >&2
    say "setup: '$what' failed; the whole output is in $log"
    exit 1
  fi
}

packages=(libmlir-22-dev mlir-22-tools llvm-22-dev cmake ninja-build g++ ccache mold zlib1g-dev
  libflatbuffers-dev flatbuffers-compiler python3-dev python3-venv git ca-certificates)
if [[ $tests == 1 ]]; then
  packages+=(libgtest-dev clang-format-22 chromium-headless-shell)
fi
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]]; then
    say "setup: these Debian packages are missing: ${missing[*]}; install them as root with: apt-get install ${missing[*]}"
    exit 1
  fi
  run "package lists" apt-get update
  run "Debian packages: ${missing[*]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

if [[ ! -x .venv/bin/python ]]; then
  run "Python environment .venv" python3 -m venv .venv
fi
requirements=build/requirements.installed
wanted="$(cat pyproject.toml; echo "tests=$tests")"
if [[ ! -f $requirements || "$(cat "$requirements")" != "$wanted" ]]; then
  run "build requirements" .venv/bin/pip install -q 'scikit-build-core>=0.10' 'pybind11>=2.13'
  extras=onnx
  [[ $tests == 1 ]] && extras=onnx,dev
  run "Python dependencies ($extras)" .venv/bin/python tools/install_requirements.py "$extras"
  printf '%s' "$wanted" > "$requirements"
fi

export CCACHE_DIR=${CCACHE_DIR:-$HOME/.cache/ccache}
run "build (the first time 10 to 20 minutes on two cores)" .venv/bin/pip install -q --no-build-isolation --no-deps \
  -e . -Cbuild-dir=build/cmake -Ccmake.define.TPU_MLIR_TESTS="$([[ $tests == 1 ]] && echo ON || echo OFF)"
say "[setup] done"

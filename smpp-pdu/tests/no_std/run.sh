#!/usr/bin/env bash
# Proves that smpp-pdu needs no std: builds and runs a program without it, then sees it refused with it.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../../target}

cargo fmt --check
cargo build --quiet --locked
# A panic stops the program and does not end it.
timeout 10 "$CARGO_TARGET_DIR/debug/smpp-pdu-no-std"
echo 'without std: built, linked, run'

# The compiler says it: that another `panic_impl` came along.
if output=$(cargo check --quiet --locked --features std 2>&1); then
  echo 'with std it compiles too: nothing is proven' >&2
  exit 1
elif ! grep -q panic_impl <<<"$output"; then
  echo "$output" >&2
  exit 1
fi
echo 'with std: refused, as it must be'

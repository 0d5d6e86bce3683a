#!/usr/bin/env bash
# Runs each fuzz target, from its seeds on, as many at once as there are processors: run.sh SECONDS
# With a second argument it sees each find its canary instead, in at most so many seconds: run.sh SECONDS canaries
# What stands behind it is the targets: run.sh SECONDS clean text time
# It only builds what it would run: run.sh build
# It needs a C++ compiler for libFuzzer, and neither a nightly toolchain nor cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")"
seconds=$1 mode=${2:-clean}
targets=("${@:3}")
[ ${#targets[@]} != 0 ] || targets=(frame pdu_roundtrip tlv profile text udh_reassembly receipt time session)
work=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz
# Named, so that what is instrumented is the targets and not what builds them.
triple=$(rustc --print host-tuple)
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# As cargo-fuzz does it: coverage for libFuzzer to steer by, debug assertions, and one unit, for what is instrumented is
# not inlined across units. No sanitizer: without `unsafe` it is panics that are looked for, and those are found twice as
# fast.
flags='--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Cpasses=sancov-module'
for option in level=4 inline-8bit-counters pc-table trace-compares stack-depth; do
  flags+=" -Cllvm-args=-sanitizer-coverage-$option"
done
flags+=' -Cllvm-args=-simplifycfg-branch-fold-threshold=0'

# build [FLAGS] -- ARGUMENTS OF CARGO
build() {
  local more=; [ "$1" = -- ] || { more=$1; shift; }
  shift
  RUSTFLAGS="$flags $more" cargo build --quiet --release --target "$triple" --target-dir "$work/$mode" "$@"
}

# What is found is left in artifacts, and fails.
run() {
  local name=$1 corpus=$work/$mode/corpus/$1 found=$work/$mode/artifacts/$1/
  mkdir -p "$corpus" "$found"
  "$work/$mode/$triple/release/$name" "$corpus" "$work/seeds/$name" \
    -max_total_time="$seconds" -timeout=10 -artifact_prefix="$found" >"$work/$mode/$name.log" 2>&1
}

finds_nothing() {
  local name=$1 log=$work/$mode/$1.log
  run "$name" || { tail -n 60 "$log" >&2; echo "$name: something is found" >&2; return 1; }
  echo "$name: $(grep -m1 '^Done ' "$log"), nothing found"
}

finds_its_canary() {
  local name=$1 found=$work/$mode/artifacts/$1 start
  # What was found before is no part of the proof.
  rm -rf "$work/$mode/corpus/$name" "$found"
  build "--cfg canary=\"$name\"" -- --bin "$name"
  start=$SECONDS
  if run "$name" || [ -z "$(ls "$found")" ]; then
    tail -n 60 "$work/$mode/$name.log" >&2
    echo "$name: its canary was not found in $seconds s" >&2
    return 1
  fi
  echo "$name: its canary found after $((SECONDS - start)) s"
}

if [ "$seconds" = build ]; then
  build -- --bins
  exit
fi
cargo fmt --check
python3 seeds.py ../smpp-pdu/tests/spec ../smpp-session/tests/fuzzing/session.txt "$work/seeds"
if [ "$mode" = clean ]; then
  build -- --bins
  free=$(nproc)
  for name in "${targets[@]}"; do
    # The first that fails ends it all.
    [ "$free" -gt 0 ] || { wait -n; free=$((free + 1)); }
    finds_nothing "$name" &
    free=$((free - 1))
  done
  while [ "$free" -lt "$(nproc)" ]; do wait -n; free=$((free + 1)); done
else
  for name in "${targets[@]}"; do finds_its_canary "$name"; done
fi

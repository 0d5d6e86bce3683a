#!/usr/bin/env bash
# Runs each fuzz target, from its seeds on: run.sh SECONDS
# With a second argument it sees each find its canary instead, in at most so many seconds: run.sh SECONDS canaries
# What stands behind it is the targets: run.sh SECONDS clean text time
# It needs a C++ compiler for libFuzzer, and no nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")"
seconds=$1 mode=${2:-clean}
targets=("${@:3}")
[ ${#targets[@]} != 0 ] || targets=(frame pdu_roundtrip tlv profile text udh_reassembly receipt time session)
target=${CARGO_TARGET_DIR:-$PWD/../target}
work=$target/fuzz
export PATH=$target/tools/bin:$PATH
command -v cargo-fuzz >/dev/null || cargo install --quiet --locked --root "$target/tools" cargo-fuzz
# cargo-fuzz asks for flags that a stable compiler has, but only speaks of so.
export RUSTC_BOOTSTRAP=1

# No sanitizer: without `unsafe` it is panics that are looked for, and those are found twice as fast.
fuzz() {
  local action=$1 name=$2; shift 2
  cargo fuzz "$action" --fuzz-dir . --sanitizer none --target-dir "$work/$mode" "$name" "$@"
}

cargo fmt --check
python3 seeds.py ../smpp-pdu/tests/spec ../smpp-session/tests/fuzzing/session.txt "$work/seeds"
for name in "${targets[@]}"; do
  # What was found before is no part of a canary's proof.
  corpus=$work/$mode/corpus/$name found=$work/$mode/artifacts/$name/
  [ "$mode" = clean ] || rm -rf "$corpus" "$found"
  mkdir -p "$corpus" "$found"
  log=$work/$mode/$name.log
  options=("$corpus" "$work/seeds/$name" -- -max_total_time="$seconds" -timeout=10 -artifact_prefix="$found")
  if [ "$mode" = clean ]; then
    fuzz run "$name" "${options[@]}" >"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
    echo "$name: $(grep -m1 '^Done ' "$log"), nothing found"
  else
    export RUSTFLAGS="--cfg canary=\"$name\""
    fuzz build "$name" >"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
    start=$SECONDS
    if fuzz run "$name" "${options[@]}" >"$log" 2>&1 || [ -z "$(ls "$found")" ]; then
      tail -n 60 "$log" >&2
      echo "$name: its canary was not found in $seconds s" >&2
      exit 1
    fi
    echo "$name: its canary found after $((SECONDS - start)) s"
  fi
done

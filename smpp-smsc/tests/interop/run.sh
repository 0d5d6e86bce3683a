#!/usr/bin/env bash
# Clients that others wrote against smscd, and tshark's word on every PDU that crossed the wire.
# Needs python3, node, npm, tshark and dumpcap (capturing on loopback); fails without them.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
smscd=
dumpcap=
stays=

fail() { echo "interop: $*" >&2; exit 1; }

finish() {
  local status=$?
  local child
  for child in $smscd $dumpcap $stays; do kill "$child" 2>/dev/null || true; done
  if [ "$status" != 0 ] && [ -s "$work/smscd.log" ]; then tail -n 40 "$work/smscd.log" >&2; fi
  rm -rf "$work"
}
trap finish EXIT

# Returns when the command succeeds; fails when it has not within 20 s.
until_true() {
  local what=$1 end=$((SECONDS + 20)); shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited 20 s in vain: $what"
    sleep 0.1
  done
}

# What exits badly, or not within the time, fails the run.
peer() {
  local name=$1 seconds=$2 status=0; shift 2
  timeout "$seconds" "$@" || status=$?
  [ $status != 124 ] || fail "$name: not done within $seconds s"
  [ $status = 0 ] || fail "$name: exit code $status"
  echo "interop: $name: ok"
}

get_peers() {
  local tool
  for tool in python3 node npm tshark dumpcap; do
    command -v $tool >/dev/null || fail "$tool is missing"
  done
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
  cp "$here"/package*.json "$here"/*.js "$work"
  (cd "$work" && npm ci --silent --omit=dev --no-audit --no-fund)
}

start_smscd() {
  cargo build --quiet --release -p smpp-smsc --features daemon --bin smscd
  cargo build --quiet --release -p smpp-esme --features cli --bin smpp
  mkfifo "$work/stdout"
  "$target/release/smscd" -v --smpp 127.0.0.1:0 >"$work/stdout" 2>"$work/smscd.log" &
  smscd=$!
  local line
  exec 3<"$work/stdout"
  read -r -t 20 -u 3 line || fail "smscd said nothing"
  address=${line#smpp listening on }
  [[ $address =~ ^127\.0\.0\.1:[0-9]+$ ]] || fail "smscd said: $line"
  port=${address##*:}
}

start_capture() {
  dumpcap -q -i lo -f "tcp port $port" -w "$work/smpp.pcapng" 2>"$work/dumpcap.log" &
  dumpcap=$!
  # It names its file when the capture is open.
  until_true 'dumpcap captures' grep -sq '^File: ' "$work/dumpcap.log"
}

run_clients() {
  node "$work/node_stays.js" 127.0.0.1 "$port" >"$work/stays.log" &
  stays=$!
  until_true 'a second account binds' grep -sq bound "$work/stays.log"
  peer smpplib 30 "$work/venv/bin/python" "$here/smpplib_client.py" 127.0.0.1 "$port"
  peer node-smpp 30 node "$work/node_client.js" 127.0.0.1 "$port"
  # The README's own command, at this run's address.
  local send
  send=$(grep -m1 '^cargo smpp send ' README.md) || fail "README.md has no line 'cargo smpp send ...'"
  peer 'smpp send' 30 bash -c "${send/127.0.0.1:2775/$address}"
}

stop_smscd() {
  local status=0
  kill -TERM "$smscd"
  until_true 'smscd ends after SIGTERM' bash -c "! kill -0 $smscd 2>/dev/null"
  wait "$smscd" || status=$?
  smscd=
  [ $status = 0 ] || fail "smscd: exit code $status after SIGTERM"
  wait "$stays" || status=$?
  stays=
  [ $status = 0 ] || fail "smscd did not unbind a client that was bound at SIGTERM"
  echo 'interop: SIGTERM: unbound, drained, exit code 0'
}

decode() { tshark -r "$work/smpp.pcapng" -d "tcp.port==$port,smpp" "$@" 2>/dev/null; }

# PDUs that tshark decodes in frames of this filter; a frame may hold several.
count() { decode -Y "smpp && $1" -T fields -E occurrence=a -e smpp.command_id | tr ',' '\n' | grep -c . || true; }

counts() { echo "received=$(count "tcp.dstport == $port") sent=$(count "tcp.srcport == $port")"; }

check_capture() {
  local ours bad
  ours=$(sed -n 's/.*pdus \(received=[0-9]* sent=[0-9]*\).*/\1/p' "$work/smscd.log" | tail -n 1)
  [ -n "$ours" ] || fail 'smscd counted no PDUs'
  # The kernel hands packets to dumpcap in blocks, so the last ones take a moment.
  local end=$((SECONDS + 20))
  until [ "$(counts)" = "$ours" ] || [ $SECONDS -ge $end ]; do sleep 0.5; done
  kill -INT "$dumpcap"
  wait "$dumpcap" || fail "dumpcap: $(cat "$work/dumpcap.log")"
  dumpcap=
  bad=$(decode -Y '_ws.malformed || (smpp && _ws.expert.severity >= "Error")')
  [ -z "$bad" ] || fail "tshark calls malformed:"$'\n'"$bad"
  [ "$(counts)" = "$ours" ] || fail "tshark decodes $(counts), smscd counts $ours"
  echo "interop: tshark: $ours, none malformed"
}

get_peers
start_smscd
start_capture
run_clients
stop_smscd
check_capture

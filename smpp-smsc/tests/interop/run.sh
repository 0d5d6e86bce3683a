#!/usr/bin/env bash
# Clients that others wrote against smscd, and smpp and an endpoint of smpp-esme against servers that others wrote: in the
# clear, where tshark has its word on every PDU that crossed the wire, and by TLS with an authority made for this run.
# Needs python3, node, npm, perl with Net::SMPP and IO::Socket::SSL, openssl, tshark and dumpcap (capturing on
# loopback); fails without them. Only the programs are built by `run.sh build`.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
children=()
smscd=
dumpcap=

. "$here/peers.sh"
. "$here/capture.sh"
. "$here/endpoint.sh"

fail() { echo "interop: $*" >&2; exit 1; }

finish() {
  local status=$? child log
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  if [ "$status" != 0 ]; then
    for log in "$work"/*.log; do [ ! -s "$log" ] || tail -n 40 "$log" | sed "s|^|${log##*/}: |" >&2; done
  fi
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

# A command that must end with this exit code within 30 s. What it prints is in peer.out.
ends_with() {
  local code=$1 name=$2 status=0; shift 2
  timeout 30 "$@" >"$work/peer.out" || status=$?
  [ $status != 124 ] || fail "$name: not done within 30 s"
  [ $status = "$code" ] || fail "$name: exit code $status, not $code"$'\n'"$(cat "$work/peer.out")"
  echo "interop: $name: ok"
}
peer() { ends_with 0 "$@"; }

# smpp prints a line in which this stands.
printed() { grep -q -- "$1" "$work/peer.out" || fail "smpp has not printed $1, but:"$'\n'"$(cat "$work/peer.out")"; }

# Runs beside the rest; `address NAME smpp` has where it listens.
start() {
  local name=$1; shift
  "$@" >"$work/$name.out" 2>"$work/$name.log" &
  started=$!
  children+=("$started")
}
address() { sed -n "s/^$2 listening on \(127\.0\.0\.1:[0-9]*\)$/\1/p" "$work/$1.out"; }
listens() { [ -n "$(address "$@")" ]; }

build() {
  # As the README has them built, whose command is among the clients.
  cargo build --quiet --release -p smpp-smsc --features daemon --bin smscd
  cargo build --quiet --release -p smpp-esme --features cli --bin smpp
}

start_all() {
  # As the tests have built it.
  cargo build --quiet --workspace --all-features --example many
  smpp=$target/release/smpp
  many=$target/debug/examples/many
  start smscd "$target/release/smscd" -v --tap "$work/tap.pcap" --smpp 127.0.0.1:0
  smscd=$started
  start smscd_tls "$target/release/smscd" -v --smpp 127.0.0.1:0 --smpps 127.0.0.1:0 \
    --tls-cert "$work/server.pem" --tls-key "$work/server.key"
  start node node "$work/node_server.js"
  start node_tls node "$work/node_server.js" "$work/server.pem" "$work/server.key"
  start netsmpp perl "$here/netsmpp_server.pl"
  until_true 'all listen' eval 'listens smscd smpp && listens smscd_tls smpps && listens node smpp &&
    listens node_tls smpps && listens netsmpp smpp'
}

clients_of_smscd() {
  local port
  port=$(address smscd smpp); port=${port##*:}
  start stays node "$work/node_stays.js" 127.0.0.1 "$port"
  stays=$started
  until_true 'a second account binds' grep -sq bound "$work/stays.out"
  peer smpplib "$work/venv/bin/python" "$here/smpplib_client.py" 127.0.0.1 "$port"
  peer node-smpp node "$work/node_client.js" 127.0.0.1 "$port"
  peer Net::SMPP perl "$here/netsmpp_client.pl" 127.0.0.1 "$port"
  # The README's own command, at this run's address.
  local send
  send=$(grep -m1 '^cargo smpp send ' README.md) || fail "README.md has no line 'cargo smpp send ...'"
  peer 'smpp send' bash -c "${send/127.0.0.1:2775/127.0.0.1:$port}"
}

clients_of_smscd_by_tls() {
  local port ca=$work/ca.pem
  port=$(address smscd_tls smpps); port=${port##*:}
  peer 'smpplib, TLS' "$work/venv/bin/python" "$here/smpplib_client.py" 127.0.0.1 "$port" "$ca"
  peer 'node-smpp, TLS' node "$work/node_client.js" 127.0.0.1 "$port" "$ca"
  peer 'Net::SMPP, TLS' perl "$here/netsmpp_client.pl" 127.0.0.1 "$port" "$ca"
  peer 'smpp send, TLS' "$smpp" send --url "smpps://smppclient1:password@localhost:$port" --tls-ca "$ca" \
    --from 10001 --to 447700900123 --receipt --wait 10s text
  refused_by_smpp smscd_tls smppclient1:password
  until_true 'smscd tells both' eval '[ "$(grep -c "no TLS" "$work/smscd_tls.log")" = 2 ]'
  [ "$(grep -c ': bound kind=' "$work/smscd_tls.log")" = 4 ] || fail 'smscd has bound other binds than four'
}

# Binds of each type, a message each way, and a receipt.
smpp_with_server() {
  local name=$1 scheme=$2 id=$3 host=$4 port; shift 4
  port=$(address "$name" "$scheme"); port=${port##*:}
  local url=$scheme://esme:secret@$host:$port to=(--from 10001 --to 447700900123 --json)
  peer "smpp send to $name" "$smpp" send --url "$url" "$@" "${to[@]}" --receipt --wait 10s 'to a peer'
  printed "\"event\":\"submitted\".*\"message_id\":\"$id\"\|\"message_id\":\"$id\".*\"event\":\"submitted\""
  printed DELIVRD
  peer "smpp send to $name, tx" "$smpp" send --url "$url?bind=tx" "$@" "${to[@]}" 'to a peer'
  peer "smpp receive from $name" "$smpp" receive --url "$url?bind=rx" "$@" --count 1 --json
  printed "from N\|from node"
  ends_with 5 "smpp send to $name, another text" "$smpp" send --url "$url" "$@" "${to[@]}" 'to nobody' 2>/dev/null
  ends_with 4 "smpp send to $name, another password" \
    "$smpp" send --url "${url/secret/public}" "$@" "${to[@]}" 'to a peer' 2>/dev/null
}

# A certificate of another name, and one of an authority that is not trusted.
refused_by_smpp() {
  local name=$1 who=$2 port message=(--to 447700900123 'to a peer')
  port=$(address "$name" smpps); port=${port##*:}
  ends_with 3 "smpp send to $name, a wrong name" \
    "$smpp" send --url "smpps://$who@127.0.0.1:$port" --tls-ca "$work/ca.pem" "${message[@]}" 2>/dev/null
  ends_with 3 "smpp send to $name, an unknown CA" \
    "$smpp" send --url "smpps://$who@localhost:$port" --tls-ca "$work/stranger.pem" "${message[@]}" 2>/dev/null
}

smpp_with_servers() {
  smpp_with_server node smpp node-1 127.0.0.1
  smpp_with_server netsmpp smpp netsmpp-1 127.0.0.1
  smpp_with_server node_tls smpps node-1 localhost --tls-ca "$work/ca.pem"
  local received
  received=$(grep -c '^received ' "$work/node_tls.out")
  refused_by_smpp node_tls esme:secret
  until_true 'node tells both' eval '[ "$(grep -c "^no handshake" "$work/node_tls.out")" = 2 ]'
  [ "$(grep -c '^received ' "$work/node_tls.out")" = "$received" ] || fail 'node has received something of a bind'
  ! grep '^error' "$work"/node*.out || fail 'node has met an error'
}

stop_smscd() {
  local status=0
  kill -TERM "$smscd"
  until_true 'smscd ends after SIGTERM' bash -c "! kill -0 $smscd 2>/dev/null"
  wait "$smscd" || status=$?
  [ $status = 0 ] || fail "smscd: exit code $status after SIGTERM"
  wait "$stays" || status=$?
  [ $status = 0 ] || fail "smscd did not unbind a client that was bound at SIGTERM"
  echo 'interop: SIGTERM: unbound, drained, exit code 0'
}

# What smscd has written of its own: tshark is not told that it is SMPP, and nothing is to be read in it.
check_tap() {
  local ours bad tapped port
  port=$(address smscd smpp); port=${port##*:}
  tap() { tshark -r "$work/tap.pcap" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE "$@" 2>/dev/null; }
  ours=$(sed -n 's/.*pdus \(received=[0-9]* sent=[0-9]*\).*/\1/p' "$work/smscd.log" | tail -n 1)
  way() { tap -Y "smpp && $1" -T fields -E occurrence=a -e smpp.command_id | tr ',' '\n' | grep -c . || true; }
  tapped="received=$(way "tcp.dstport == $port") sent=$(way "tcp.srcport == $port")"
  [ "$tapped" = "$ours" ] || fail "the tap has $tapped, smscd counts $ours"
  bad=$(tap -Y '_ws.malformed || tcp.analysis.flags || tcp.checksum.status == "Bad" || (smpp && _ws.expert.severity >= "Error")')
  [ -z "$bad" ] || fail "tshark calls malformed in the tap:"$'\n'"$bad"
  bad=$(tap -Y smpp -T fields -E occurrence=a -e smpp.password -e smpp.source_addr -e smpp.destination_addr -e smpp.message |
    tr -d '*0a2,\t\n')
  [ -z "$bad" ] || fail "the tap shows: $bad"
  ! grep -aq 'password' "$work/tap.pcap" || fail 'the tap has a password'
  echo "interop: tap: $tapped, none malformed, nothing shown"
}

build
[ "${1:-}" != build ] || exit 0
get_peers
make_certificates
start_all
start_capture
clients_of_smscd
clients_of_smscd_by_tls
smpp_with_servers
endpoint_with_servers
stop_smscd
check_capture
check_tap

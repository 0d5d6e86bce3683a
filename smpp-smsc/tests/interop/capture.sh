# shellcheck shell=bash
# Sourced by run.sh: what crossed the wire in the clear, and what tshark makes of it.

plain=(smscd node netsmpp)

start_capture() {
  local name port filter=
  decode_as=()
  for name in "${plain[@]}"; do
    port=$(address "$name" smpp)
    port=${port##*:}
    filter+="${filter:+ or }tcp port $port"
    decode_as+=(-d "tcp.port==$port,smpp")
  done
  dumpcap -q -i lo -f "$filter" -w "$work/smpp.pcapng" 2>"$work/dumpcap.log" &
  dumpcap=$!
  children+=("$dumpcap")
  # It names its file when the capture is open.
  until_true 'dumpcap captures' grep -sq '^File: ' "$work/dumpcap.log"
}

decode() { tshark -r "$work/smpp.pcapng" "${decode_as[@]}" "$@" 2>/dev/null; }

# PDUs that tshark decodes in frames of this filter; a frame may hold several.
count() { decode -Y "smpp && $1" -T fields -E occurrence=a -e smpp.command_id | tr ',' '\n' | grep -c . || true; }

# What each server has said of its own PDUs, one a line, and what tshark has seen of them.
told() {
  local name
  sed -n 's/.*pdus \(received=[0-9]* sent=[0-9]*\).*/smscd: \1/p' "$work/smscd.log" | tail -n 1
  for name in node netsmpp; do echo "$name: received=$(grep -c '^received ' "$work/$name.out")"; done
}
seen() {
  local name port sent
  for name in "${plain[@]}"; do
    port=$(address "$name" smpp); port=${port##*:} sent=
    [ "$name" != smscd ] || sent=" sent=$(count "tcp.srcport == $port")"
    echo "$name: received=$(count "tcp.dstport == $port")$sent"
  done
}

check_capture() {
  local told bad end=$((SECONDS + 20))
  told=$(told)
  [[ $told == smscd:* ]] || fail 'smscd counted no PDUs'
  # The kernel hands packets to dumpcap in blocks, so the last ones take a moment.
  until [ "$(seen)" = "$told" ] || [ $SECONDS -ge $end ]; do sleep 0.5; done
  kill -INT "$dumpcap"
  wait "$dumpcap" || fail "dumpcap: $(cat "$work/dumpcap.log")"
  bad=$(decode -Y '_ws.malformed || (smpp && _ws.expert.severity >= "Error")')
  [ -z "$bad" ] || fail "tshark calls malformed:"$'\n'"$bad"
  [ "$(seen)" = "$told" ] || fail "tshark decodes"$'\n'"$(seen)"$'\n'"and they themselves tell"$'\n'"$told"
  echo "interop: tshark: ${told//$'\n'/, }, none malformed"
}

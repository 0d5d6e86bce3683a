# shellcheck shell=bash
# Sourced by run.sh: endpoints of smpp-esme (its example many) against the servers, and what both sides have counted.

messages=300

# The messages and the answers to deliveries that a server has got. smscd tells of sessions that are over how many PDUs
# they had: but for a bind and an unbind each, they are these.
got() {
  case $1 in
    smscd*)
      sed -n 's/.* closed reason="unbound" pdus_in=\([0-9]*\) .*/\1/p' "$work/$1.log" |
        awk '{ got += $1 - 2 } END { print got + 0 }'
      ;;
    *) grep -c '^received \(submit_sm\|deliver_sm_resp\)$' "$work/$1.out" || true ;;
  esac
}

url() {
  local port
  port=$(address "$1" "$2"); port=${port##*:}
  echo "$2://$3@$4:$port"
}

trusting() { echo env -u SSL_CERT_DIR "SSL_CERT_FILE=$work/$1.pem"; }

# All are accepted, each has its receipt, and these servers have got as many of both, together.
all_arrive() {
  local what=$1 servers=$2 before; shift 2
  before=$(got_together "$servers")
  # shellcheck disable=SC2046 # words
  peer "$what" $(trusting ca) "$many" $messages 447700900123 'to a peer' "$@"
  grep -qx "accepted=$messages refused=0 not_sent=0 unknown=0 receipts=$messages others=0" "$work/peer.out" ||
    fail "$what: $(cat "$work/peer.out")"
  until_true "$what: the servers have got what was sent" \
    eval '[ "$(got_together "$servers")" = $((before + 2 * messages)) ]'
}
got_together() {
  local name sum=0
  for name in $1; do sum=$((sum + $(got "$name"))); done
  echo $sum
}

# Nothing is sent to a server whose certificate is not trusted.
refused_by_endpoint() {
  local what=$1 trusted=$2 url=$3 status=0
  # shellcheck disable=SC2046 # words
  timeout 30 $(trusting "$trusted") "$many" 1 447700900123 'to a peer' "$url" >"$work/peer.out" 2>&1 || status=$?
  [ $status = 1 ] || fail "$what: exit code $status, not 1"$'\n'"$(cat "$work/peer.out")"
  grep -q 'certificate is not trusted' "$work/peer.out" || fail "$what: $(cat "$work/peer.out")"
  echo "interop: $what: ok"
}

endpoint_with_servers() {
  local node netsmpp smscd node_tls smscd_tls received
  node=$(url node smpp esme:secret 127.0.0.1)
  netsmpp=$(url netsmpp smpp esme:secret 127.0.0.1)
  smscd=$(url smscd smpp smppclient1:password 127.0.0.1)
  node_tls=$(url node_tls smpps esme:secret localhost)
  smscd_tls=$(url smscd_tls smpps smppclient1:password localhost)
  all_arrive 'two binds to node' node "$node?window=20" "$node?bind=auto"
  all_arrive 'two binds to netsmpp' netsmpp "$netsmpp?window=20" "$netsmpp?bind=auto"
  all_arrive 'two binds to smscd' smscd "$smscd?window=20" "$smscd?bind=auto"
  all_arrive 'a bind to each of three' 'node netsmpp smscd' "$node" "$netsmpp" "$smscd"
  all_arrive 'two binds to node, TLS' node_tls "$node_tls?window=20" "$node_tls?bind=auto"
  all_arrive 'two binds to smscd, TLS' smscd_tls "$smscd_tls?window=20" "$smscd_tls?bind=auto"
  received=$(grep -c '^received ' "$work/node_tls.out")
  refused_by_endpoint 'an endpoint to node, a wrong name' ca "${node_tls/localhost/127.0.0.1}"
  refused_by_endpoint 'an endpoint to node, an unknown CA' stranger "$node_tls"
  refused_by_endpoint 'an endpoint to smscd, a wrong name' ca "${smscd_tls/localhost/127.0.0.1}"
  refused_by_endpoint 'an endpoint to smscd, an unknown CA' stranger "$smscd_tls"
  [ "$(grep -c '^received ' "$work/node_tls.out")" = "$received" ] || fail 'node has received something of an endpoint'
}

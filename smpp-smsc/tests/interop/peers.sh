# shellcheck shell=bash
# Sourced by run.sh: what a run needs beside the programs.

get_peers() {
  local tool
  for tool in python3 node npm perl openssl tshark dumpcap; do
    command -v $tool >/dev/null || fail "$tool is missing"
  done
  perl -MNet::SMPP -MIO::Socket::SSL -e 1 || fail 'Net::SMPP or IO::Socket::SSL is missing'
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
  cp "$here"/package*.json "$here"/*.js "$work"
  (cd "$work" && npm ci --silent --omit=dev --no-audit --no-fund)
}

# ca.pem has issued server.pem, for localhost and no other name; stranger.pem has issued nothing.
make_certificates() {
  local name ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2)
  for name in ca stranger; do
    openssl req -x509 "${ec[@]}" -subj "/CN=interop $name" -keyout "$work/$name.key" -out "$work/$name.pem" \
      -addext keyUsage=critical,keyCertSign 2>>"$work/openssl.log"
  done
  openssl req -x509 "${ec[@]}" -subj /CN=localhost -keyout "$work/server.key" -out "$work/server.pem" \
    -CA "$work/ca.pem" -CAkey "$work/ca.key" -addext basicConstraints=critical,CA:FALSE \
    -addext subjectAltName=DNS:localhost 2>>"$work/openssl.log"
}

// node-smpp as a receiver that stays until the message centre unbinds it. Usage: node_stays.js HOST PORT
// Prints "bound" when it is. Exits 0 after an unbind that it answered, else 1 with one line on stderr.
'use strict';
const smpp = require('smpp');
const [host, port] = process.argv.slice(2);

function fail(text) {
  console.error(`node-smpp, which stays: ${text}`);
  process.exit(1);
}
setTimeout(() => fail('not unbound within 120 s'), 120000).unref();

let unbound = false;
const session = smpp.connect({ url: `smpp://${host}:${port}` }, () => {
  session.bind_receiver({ system_id: 'smppclient2', password: 'password' }, (pdu) => {
    if (pdu.command_status !== 0) fail(`bind_receiver_resp has status ${pdu.command_status}`);
    console.log('bound');
  });
});
session.on('unbind', (pdu) => {
  unbound = true;
  session.send(pdu.response());
});
session.on('error', (error) => fail(error.message));
session.on('close', () => (unbound ? process.exit(0) : fail('closed without unbind')));

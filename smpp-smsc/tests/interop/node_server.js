// node-smpp as a message centre, until it is killed. Usage: node_server.js [CERTIFICATE KEY]; with these, over TLS.
// It prints where it listens, then "received COMMAND" for each PDU, and "no handshake" for a client that gave TLS up.
// It knows esme with the password secret, and delivers a message to it if it is bound as a receiver; a text "to a peer"
// is taken, and the receipt follows at once, if one is asked for.
'use strict';
const fs = require('fs');
const smpp = require('smpp');
const [cert, key] = process.argv.slice(2).map((file) => fs.readFileSync(file));

const ID = 'node-1';

function serve(session) {
  const deliver = (short_message, more) =>
    session.deliver_sm({ source_addr: '447700900123', destination_addr: '10001', short_message, ...more });
  const bind = (pdu) => {
    const known = pdu.system_id === 'esme' && pdu.password === 'secret';
    const command_status = known ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL;
    session.send(pdu.response({ command_status, system_id: 'node' }));
    if (known && pdu.command === 'bind_receiver') deliver('from node-smpp');
  };
  session.on('pdu', (pdu) => console.log(`received ${pdu.command}`));
  for (const kind of ['transmitter', 'receiver', 'transceiver']) session.on(`bind_${kind}`, bind);
  session.on('submit_sm', (pdu) => {
    const right = pdu.destination_addr === '447700900123' && pdu.short_message.message === 'to a peer';
    session.send(pdu.response(right ? { message_id: ID } : { command_status: smpp.ESME_RSYSERR }));
    if (!right || !pdu.registered_delivery) return;
    const text = `id:${ID} sub:001 dlvrd:001 submit date:2611290900 done date:2611290900 stat:DELIVRD err:000 text:`;
    deliver(text, { esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT });
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('error', (error) => console.log(`error: ${error.message}`));
}

const server = smpp.createServer({ cert, key }, serve);
server.on('tlsClientError', () => console.log('no handshake'));
server.listen(0, '127.0.0.1', () => {
  console.log(`${cert ? 'smpps' : 'smpp'} listening on 127.0.0.1:${server.address().port}`);
});

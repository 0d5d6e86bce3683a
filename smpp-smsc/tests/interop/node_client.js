// node-smpp as a transceiver: submit, receipt, enquire_link, unbind. Usage: node_client.js HOST PORT [CA]
// With CA, a file, over TLS: the certificate must be one for localhost that it has issued.
// Exits 0 if the message centre did all of it right, else 1 with one line on stderr.
'use strict';
const assert = require('assert');
const fs = require('fs');
const smpp = require('smpp');
const [host, port, ca] = process.argv.slice(2);

const TEXT = 'from node-smpp, longer than a receipt quotes';
const RECEIPT = /^id:(\S+) sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:(.*)$/is;

function fail(error) {
  console.error(`node-smpp: ${error.message.split('\n')[0]}`);
  process.exit(1);
}
setTimeout(() => fail(new Error('not done within 10 s')), 10000).unref();

let done = false;
const tls = ca ? { tls: true, ca: fs.readFileSync(ca), servername: 'localhost' } : {};
const session = smpp.connect({ host, port, ...tls });
session.on('error', fail);
session.on('close', () => done || fail(new Error('the connection was closed')));
const event = (name) => new Promise((resolve) => session.once(name, resolve));
const answer = async (command, fields) => {
  const pdu = await new Promise((resolve) => session[command](fields || {}, resolve));
  assert.strictEqual(pdu.command, `${command}_resp`);
  assert.strictEqual(pdu.command_status, 0, `${pdu.command} has status ${pdu.command_status}`);
  return pdu;
};

async function run() {
  await event(ca ? 'secureConnect' : 'connect');
  await answer('bind_transceiver', { system_id: 'smppclient1', password: 'password' });
  const delivered = event('deliver_sm');
  const { message_id } = await answer('submit_sm', {
    source_addr_ton: 1, source_addr_npi: 1, source_addr: '10001',
    dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447700900123',
    registered_delivery: 1, short_message: TEXT,
  });

  const receipt = await delivered;
  session.send(receipt.response());
  const fields = RECEIPT.exec(receipt.short_message.message);
  assert(fields, `no receipt of v3.4 Appendix B: ${receipt.short_message.message}`);
  const expect = (what, seen, wanted) => assert.strictEqual(seen, wanted, `${what} is ${seen}, not ${wanted}`);
  expect('esm_class', receipt.esm_class, smpp.ESM_CLASS.MC_DELIVERY_RECEIPT);
  expect('receipted_message_id', receipt.receipted_message_id, message_id);
  expect('message_state', receipt.message_state, smpp.MESSAGE_STATE.DELIVERED);
  expect('source_addr', receipt.source_addr, '447700900123');
  expect('destination_addr', receipt.destination_addr, '10001');
  expect("the receipt's id", fields[1], message_id);
  expect("the receipt's text", fields[2], TEXT.slice(0, 20));

  await answer('enquire_link');
  await answer('unbind');
  done = true;
  session.close();
}
run().catch(fail);

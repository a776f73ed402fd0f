import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portText, readPort } from '#server/model/expectation.js';

test('a port is a number from 1 to 65535, of TCP where nothing else is said', () => {
  for (const port of [1, 80, 65535]) assert.deepEqual(readPort(port), { protocol: undefined, port });
  for (const none of [0, -1, 65536, 80.5, Number.NaN]) assert.equal(readPort(none), undefined, String(none));
  assert.deepEqual(readPort('8080'), { protocol: undefined, port: 8080 });
  for (const none of ['0', '65536']) assert.equal(readPort(none), undefined, none);
});

test('a protocol stands before or after the port, once, in letters of any case', () => {
  for (const text of ['UDP/53', '53/UDP', 'udp/53', '53/udp'])
    assert.deepEqual(readPort(text), { protocol: 'UDP', port: 53 }, text);
  assert.deepEqual(readPort('TCP/http'), { protocol: 'TCP', port: 'http' });
  for (const none of ['UDP/53/UDP', 'ICMP/8', 'UDP/', '/53', '']) assert.equal(readPort(none), undefined, none);
});

test('a name of a port has a letter, and at most 15 characters', () => {
  for (const name of ['http', 'a', '8a', 'grpc-web', 'a'.repeat(15)]) assert.equal(readPort(name)?.port, name);
  for (const none of ['a'.repeat(16), 'a--b', '-a', 'a-', 'HTTP', 'a_b']) assert.equal(readPort(none), undefined, none);
});

test('neither lists nor anything else is a port', () => {
  for (const none of [undefined, null, true, [80], {}]) assert.equal(readPort(none), undefined);
});

test('a port is written with its protocol behind it', () => {
  assert.equal(portText({ protocol: 'UDP', port: 53 }), '53/UDP');
  assert.equal(portText({ protocol: undefined, port: 'http' }), 'http');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portQuestion } from '#client/port-text.js';

const typed: readonly [text: string, question: ReturnType<typeof portQuestion>][] = [
  ['8080', { port: 8080 }],
  [' http ', { port: 'http' }],
  ['UDP 53', { protocol: 'UDP', port: 53 }],
  ['53/udp', { protocol: 'UDP', port: 53 }],
  ['sctp:9999', { protocol: 'SCTP', port: 9999 }],
  ['tcp/metrics', { protocol: 'TCP', port: 'metrics' }],
  ['tcp', { protocol: 'TCP' }],
  // That there is no such port is for the server to say.
  ['70000', { port: 70000 }],
  ['', undefined],
  ['   ', undefined],
  ['80 90', undefined],
  ['udp tcp 53', undefined],
  ['80-90', { port: '80-90' }],
  ['http_2', undefined],
];

for (const [text, question] of typed) {
  test(`"${text}" typed for a port`, () => assert.deepEqual(portQuestion(text), question));
}

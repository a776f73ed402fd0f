import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { documentOf } from '#server/text/document.js';
import { readPlain } from '#server/text/plain.js';
import { problemsOf } from '#server/text/problems.js';
import { readYaml } from '#server/text/read.js';

/** The plain reader may decline; where it answers, the reader of all YAML gives the same tree and finds no fault. */
function agrees(text: string): boolean {
  const document = documentOf('file:///w/a.yaml', text);
  const root = readPlain(document);
  if (root === undefined) return false;
  const reading = readYaml(document);
  assert.deepEqual(root, reading.root, text);
  assert.deepEqual(problemsOf(reading), [], text);
  assert.deepEqual({ actions: reading.actions, shared: reading.shared }, { actions: [], shared: [] });
  return true;
}

const manifest = `# Owned by the team.
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  labels: {app: api, "on": x}
  annotations: {}
spec:
  podSelector:
    matchExpressions:
    - key: app
      operator: In # one of these
      values: [api, "web", 2]
  policyTypes:
    - Ingress
    - 'Egress'

  ingress:
    - from:
      - ipBlock:
          cidr: 10.0.0.0/8
      - podSelector: {}
        namespaceSelector:
          matchLabels:
              team:
              url: "http://x:80/"
      ports:
        - port: 0x50
        - - nested: yes
          - 1_000
  egress: []
`;

test('a manifest as most are is plain', () => {
  const plain = manifest.replace(', "on": x', ', stage: x');
  assert.equal(agrees(plain), true);
  assert.equal(agrees(plain.replaceAll('\n', '\n\n')), true);
  assert.equal(agrees(plain.trimEnd()), true);
  assert.equal(agrees('- a\n- b: c\n'), true);
});

test('what has a second meaning is left to the reader of all YAML', () => {
  const others = [
    '',
    '# only\n',
    'a: |\n  b\n',
    'a: &x b\n',
    'a: *x\n',
    'a: !!str 1\n',
    '<<: b\n',
    'a: "\\n"\n',
    "a: 'it''s'\n",
    'a: b\n c: d\n',
    'a: b\n  c\n',
    'a: b: c\n',
    'a\n',
    'a: {{ x }}\n',
    'a: ${X}\n',
    'a:\tb\n',
    'a: é\n',
    'a: b\r\n',
    '- a\nb: c\n',
    'a: b\n- c\n',
    'a:\n  b: c\n d: e\n',
    '-\n  a: b\n',
    'a: [b, c\n',
    'a: [b,]\n',
    'a: {b: }\n',
    'a: b\n---\nc: d\n',
    'a: b\n...\n',
    '%YAML 1.2\n---\na: b\n',
    '? a\n: b\n',
    '"a": b\n',
    'a: -\n',
    'a: "b" c\n',
    '\uFEFFa: b\n',
    'a: [b: c]\n',
    '--- a\n',
  ];
  for (const text of others) assert.equal(agrees(text), false, text);
});

test('where it answers it agrees, whatever is done to a manifest', () => {
  const lines = manifest.split('\n');
  const piece = fc.oneof(
    fc.constantFrom(...lines),
    fc.constantFrom(
      ' ',
      '  ',
      '- ',
      ':',
      ': ',
      '#',
      ' # c',
      '\n',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      'a',
      '1',
      '~',
      '-',
      '?',
      '|',
      '&a',
      '.',
    ),
    fc.string({ maxLength: 3 }),
  );
  const change = fc.record({ line: fc.nat(lines.length), column: fc.nat(20), drop: fc.nat(4), piece });
  let plain = 0;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), fc.nat(lines.length), (changes, from) => {
      const edited = [...lines];
      for (const { line, column, drop, piece } of changes) {
        const old = edited[line] ?? '';
        edited[line] = old.slice(0, column) + piece + old.slice(column + drop);
      }
      if (agrees(edited.slice(from).join('\n').replace(', "on": x', ''))) plain++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(plain > 200, `${plain} were plain`);
});

test('where it answers it agrees, for lines put together at random', () => {
  const content = fc.constantFrom(
    'a:',
    'b: 1',
    'c: x y',
    '- a',
    '- b: 2',
    '- - c',
    '- d:',
    'e: [x, y]',
    'f: {x: 1, x: 2}',
    '# c',
    '',
    'a: ~',
    "g: 'q'",
    'on: off',
    'h: a,b]',
    'i: a{"',
    'j: "x" # y',
    '- "k"',
    '---',
    'l: x:y',
    'm: http://n',
    '- o:p',
    'null: null',
    'q: a  b ',
    'r:  s',
    '-  t',
    '- u:  ',
  );
  const line = fc.tuple(fc.nat(3), content).map(([depth, text]) => (text === '' ? '' : ' '.repeat(depth) + text));
  let plain = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), (list) => {
      if (agrees(`${list.join('\n')}\n`)) plain++;
    }),
    { numRuns: 6000 },
  );
  assert.ok(plain > 200, `${plain} were plain`);
});

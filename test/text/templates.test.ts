import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeAt } from '#server/text/paths.js';
import { assertRanges, data, read, textAt } from './reading.js';
import { CHART } from './samples.js';

test('a chart is read around its actions', () => {
  const document = read(CHART);
  assert.ok(document.templated);
  assert.deepEqual(document.problems, []);
  assertRanges(document);
  assert.deepEqual(data(document.root), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: '<?>', labels: '<?>' },
    spec: {
      podSelector: { matchLabels: { app: '<?>' } },
      ingress: [{ ports: [{ port: '<?>' }] }, '...'],
    },
  });
  const name = nodeAt(document, ['metadata', 'name']);
  assert.equal(textAt(document, name?.range ?? { start: 0, end: 0 }), '{{ include "chart.name" . }}');
});

test('an action among entries or items makes their collection incomplete', () => {
  const inMap = read('labels:\n  {{- toYaml .Values.labels | nindent 2 }}\n  app: x\nother: 1\n');
  assert.deepEqual(data(inMap.root), { labels: { app: 'x', '...': null }, other: 1 });
  const behind = read('labels:\n  app: x\n  {{- include "more" . | nindent 2 }}\nother: 1\n');
  assert.deepEqual(data(behind.root), { labels: { app: 'x', '...': null }, other: 1 });
  const left = read('labels:\n  app: x\n{{ include "more" . | indent 2 }}\nother: 1\n');
  assert.deepEqual(data(left.root), { labels: { app: 'x', '...': null }, other: 1 });
  const list = read('ports:\n- port: 1\n{{ toYaml .Values.ports }}\n');
  assert.deepEqual(data(list.root), { ports: [{ port: 1 }, '...'], '...': null });
  const listIndented = read('ports:\n  - port: 1\n  {{- toYaml .Values.ports | nindent 2 }}\n');
  assert.deepEqual(data(listIndented.root), { ports: [{ port: 1 }, '...'] });
});

test('a key with an action is unknown, and its map incomplete', () => {
  const document = read('a:\n  {{ .key }}: 1\n  "{{ .other }}": 2\n');
  assert.deepEqual(data(document.root), { a: { '<?>': 2, '...': null } });
});

test('actions in scalars of any style', () => {
  const document = read(`a: "x {{ .b }}"\nc: 'y'\nd: |\n  {{ .e }}\nf: [{{ .g }}, 1]\nh: >-\n  t {{ .i }}\n`);
  assert.deepEqual(data(document.root), { a: '<?>', c: 'y', d: '<?>', f: ['<?>', 1], h: '<?>' });
  assertRanges(document);
});

test('actions over several lines, with strings and comments in them', () => {
  const document = read('{{- /* }} not\n the end */ -}}\na: {{ printf "}}" }}\nb: 1\n');
  assert.deepEqual(data(document.root), { a: '<?>', b: 1 });
});

test('an action in a comment, and maps of maps, are no templates', () => {
  assert.ok(!read('a: 1 # {{ .x }}\n# {{ if }}\nb: 2\n').templated);
  assert.ok(!read('a: {{b: 1}}\n').templated);
  assert.ok(!read('a: {{ never closed\n').templated);
});

test('keys of both branches of an if are no duplicates', () => {
  const document = read('{{ if .a }}\nx: 1\n{{ else }}\nx: 2\n{{ end }}\n');
  assert.ok(document.root?.kind === 'map' && document.root.entries.every((entry) => !entry.duplicate));
});

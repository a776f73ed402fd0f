import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typingPlaceAt } from '#server/text/typing-place.js';

/** The place at the `|` of a text, in short: "cluster.dns [port] (namespace)"; brackets: what is typed, parentheses: other keys. */
function at(marked: string): string | undefined {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const place = typingPlaceAt(text, offset);
  if (place === undefined) return undefined;
  const { path, what, typed, present, word } = place;
  assert.equal(text.slice(word.start, offset), typed);
  return `${path.join('.')}${what === 'value' ? ':' : ''} [${typed}] (${present.join(' ')})`;
}

test('in block style', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['|', ' [] ()'],
    ['cl|', ' [cl] ()'],
    ['cni: calico\ncl|\nrules:\n  a: off\n', ' [cl] (cni rules)'],
    ['cni: |', 'cni: [] ()'],
    ['cni: ca|', 'cni: [ca] ()'],
    ['cni:\n  |', 'cni [] ()'],
    ['cni: "ca|', 'cni: [ca] ()'],
    ["cni: 'ca|'", 'cni: [ca] ()'],
    ['cni:|', undefined],
    ['cluster:\n  |', 'cluster [] ()'],
    ['cluster:\n  dns:\n    namespace: x\n    po|', 'cluster.dns [po] (namespace)'],
    ['cluster:\n  dns:\n    namespace: x\n  po|', 'cluster [po] (dns)'],
    ['cluster:\n  dns:\n    namespace: x\n\n|', ' [] (cluster)'],
    ['cluster:\n  # a note\n\n  |', 'cluster [] ()'],
    ['exclude:\n  - |', 'exclude.0 [] ()'],
    ['exclude:\n- a\n- |', 'exclude.1 [] ()'],
    ['scopes:\n  - name: a\n    |', 'scopes.0 [] (name)'],
    ['scopes:\n  - name: a\n    include:\n      - x\n  - na|', 'scopes.1 [na] ()'],
    ['scopes:\n  - name: a\n    include:\n    - x\n    - |\n', 'scopes.0.include.1 [] ()'],
    ['scopes:\n- name: a\n  ex|\n  include: []\n- name: b\n', 'scopes.0 [ex] (name include)'],
    ['a:\n  - - |', 'a.0.0 [] ()'],
    ['"a b":\n  c|', 'a b [c] ()'],
    ['a: # note\n  b|', 'a [b] ()'],
    ['a: 1\n---\nb|', ' [b] ()'],
    ['a: x # |', undefined],
    ['# |', undefined],
  ];
  for (const [text, wanted] of cases) {
    assert.equal(at(text), wanted, text);
    assert.equal(at(text.replaceAll('\n', '\r\n')), wanted, `${text} with CRLF`);
  }
});

test('in flow style', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['rules: {|', 'rules [] ()'],
    ['rules: {a: off, b|}', 'rules [b] (a)'],
    ['rules: {a: |}', 'rules.a: [] (a)'],
    ['rules: {"a": "o|', 'rules.a: [o] (a)'],
    ['exclude: [a, |', 'exclude.1 [] ()'],
    ['scopes: [{name: a, inc|', 'scopes.0 [inc] (name)'],
    ['cluster: {dns: {ports: [53]}, |', 'cluster [] (dns)'],
    ['{cni: |', 'cni: [] (cni)'],
    ['rules: {}|', undefined],
    ['a:\n  - x: {b: c}\n    y: {d|}', 'a.0.y [d] ()'],
  ];
  for (const [text, wanted] of cases) assert.equal(at(text), wanted, text);
});

test('the whole word is meant, and a colon behind it is seen', () => {
  const place = typingPlaceAt('  podCIDRs: [x]', 5);
  assert.deepEqual(place?.word, { start: 2, end: 10 });
  assert.equal(place?.hasColon, true);
  assert.equal(place?.indent, '  ');
  assert.equal(typingPlaceAt('cni: calico', 7)?.word.end, 11);
});

test('no text and no offset make it throw', () => {
  const text = 'a:\r\n  - {b: [c, "d": e}]\n- # x\n\t- y: |\n    z\n---\n? k\n: v\n"unclosed: {\n';
  for (let offset = 0; offset <= text.length; offset++) {
    for (const end of [text.length, offset]) assert.doesNotThrow(() => typingPlaceAt(text.slice(0, end), offset));
  }
});

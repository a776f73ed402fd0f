import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedRoots } from '#server/text/embedded.js';
import { SourceFile } from '#server/text/file.js';
import { valueAt, type YamlNode, type YamlScalar } from '#server/text/tree.js';

const content =
  'kind: Pod\n\nmetadata:\n  name: é web\n  labels: {app: "web"} # why\nlist:\n- one\n- two: three\n---\n- second\n';

function patchIn(text: string): YamlScalar {
  const node = valueAt(SourceFile.of('file:///k.yaml', text).documents[0]?.document.root, 'patch');
  assert.ok(node?.kind === 'scalar');
  return node;
}

function* leaves(node: YamlNode): Generator<YamlScalar> {
  if (node.kind === 'scalar') yield node;
  else if (node.kind === 'sequence') for (const item of node.items) yield* leaves(item.value);
  else for (const { key, value } of node.entries) yield* [key, ...leaves(value)];
}

function block(header: string, indent: string, eol: string): string {
  const lines = content.split('\n').map((line) => (line === '' ? line : indent + line));
  return ['before: é', `patch: ${header}`, ...lines, 'after: x', ''].join('\n').replaceAll('\n', eol);
}

test('each place in a literal block is true in the text around', () => {
  for (const [header, indent] of [
    ['|-', '  '],
    ['|', '      '],
    ['|2 # comment', '  '],
  ] as const) {
    for (const eol of ['\n', '\r\n']) {
      const patch = patchIn(block(header, indent, eol));
      const roots = embeddedRoots(patch) ?? [];
      assert.equal(roots.length, 2);
      const found = roots.flatMap((root) => [...leaves(root)]);
      assert.deepEqual(
        found.map(({ document, range }) => document.text.slice(range.start, range.end)),
        ['kind', 'Pod', 'metadata', 'name', 'é web', 'labels', 'app', '"web"', 'list', 'one', 'two', 'three', 'second'],
      );
      assert.ok(found.every(({ document }) => document === patch.document));
    }
  }
});

test('in any other string everything stands where the string does', () => {
  for (const text of ['patch: "[{op: remove, path: /spec}]"', 'patch: >-\n  [{op: remove,\n  path: /spec}]\n']) {
    const patch = patchIn(text);
    const [root] = embeddedRoots(patch) ?? [];
    assert.ok(root?.kind === 'sequence');
    for (const leaf of leaves(root)) assert.deepEqual(leaf.range, patch.range);
  }
});

test('what is broken as YAML is no patch', () => {
  assert.equal(embeddedRoots(patchIn('patch: |-\n  spec: [\n')), undefined);
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resourcesOf } from '#server/kinds/index.js';
import { SourceFile } from '#server/text/file.js';
import { formatPath } from '#server/text/paths.js';

/** See test/corpus/cluster-policies/README.md. */
const folder = fileURLToPath(new URL('../../corpus/cluster-policies/', import.meta.url));

test('cluster-wide policies of other projects: all are read, and only what is defended in expected.json is found', () => {
  const found: Record<string, string[]> = {};
  let clean = 0;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
    const file = SourceFile.of(`file:///${name}`, readFileSync(folder + name, 'utf8'));
    for (const { document } of file.documents) {
      const source = /^# (\S+)$/m.exec(document.text)?.[1] ?? '';
      const [resource, ...others] = resourcesOf(document);
      assert.ok(resource !== undefined && others.length === 0 && source !== '', document.text);
      const { kind, node, object } = resource;
      assert.ok(object?.type === 'policy' && object.value.family === 'cluster', source);
      const problems = kind.check?.(node, { kubernetesVersion: undefined }) ?? [];
      const faults = problems.filter(({ severity }) => severity === undefined);
      // A required selector that is left out is an error, and is read as implementations read it.
      const legible = faults.every(({ rule, path }) => rule === 'missing-field' && /Selector$/.test(String(path.at(-1))));
      if (legible && problems.length === faults.length) assert.equal(object.value.uncertain, false, source);
      if (problems.length === 0) clean++;
      else {
        const key = `${source} ${kind.kind} ${object.value.name}`;
        found[key] = [
          ...(found[key] ?? []),
          ...problems.map(({ severity, rule, path }) => `${severity ?? 'error'} ${rule} ${formatPath(path)}`),
        ];
      }
    }
  }
  const expected = `${folder}expected.json`;
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, `${JSON.stringify(found, undefined, 1)}\n`);
  assert.deepEqual(found, JSON.parse(readFileSync(expected, 'utf8')));
  assert.ok(clean > 70, `${clean} without any finding`);
});

test('the conformance tests’ policies of ClusterNetworkPolicy: nothing is found, and all is known', () => {
  const conformance = fileURLToPath(new URL('../../corpus/network-policy-api/policies/', import.meta.url));
  let count = 0;
  for (const name of readdirSync(conformance)) {
    const file = SourceFile.of(`file:///${name}`, readFileSync(conformance + name, 'utf8'));
    for (const { kind, node, object } of file.documents.flatMap(({ document }) => resourcesOf(document))) {
      assert.ok(object?.type === 'policy', name);
      if (object.value.family !== 'cluster') continue;
      assert.deepEqual(kind.check?.(node, { kubernetesVersion: undefined }), [], name);
      assert.equal(object.value.uncertain, false, name);
      count++;
    }
  }
  assert.ok(count > 40, `${count} policies`);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resourcesOf } from '#server/kinds/index.js';
import type { Problem } from '#server/kinds/problem.js';
import { SourceFile } from '#server/text/file.js';
import { formatPath } from '#server/text/paths.js';

/** The verdicts of Kubernetes' own validation tests; see test/corpus/k8s-validation/README.md. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly valid: boolean;
  readonly errorFields?: readonly string[];
  readonly strictCIDR?: boolean;
}

const folder = fileURLToPath(new URL('../../corpus/k8s-validation/', import.meta.url));
const cases: readonly Case[] = JSON.parse(readFileSync(`${folder}index.json`, 'utf8'));
const unknownKinds: string[] = [];

describe('what the API server refuses', () => {
  for (const each of cases) {
    const file = SourceFile.of(`file:///${each.file}`, readFileSync(folder + each.file, 'utf8'));
    const resources = file.documents.flatMap(({ document }) => resourcesOf(document)).filter(({ kind }) => kind.check);
    if (resources.length === 0) {
      unknownKinds.push(each.file);
      continue;
    }
    test(`${each.valid ? 'valid' : 'invalid'}: ${each.name}`, () => {
      const kubernetesVersion = [1, each.strictCIDR === false ? 35 : 36] as const;
      const problems = resources.flatMap(({ kind, node }) => kind.check?.(node, { kubernetesVersion }) ?? []);
      const errors = problems.filter((problem) => problem.severity === undefined);
      if (each.valid) assert.deepEqual(errors.map(words), []);
      else assert.ok(errors.length > 0, 'an error is expected');
      const fields = new Set(errors.map((error) => formatPath(error.path)));
      for (const field of each.errorFields ?? []) {
        assert.ok(fields.has(field), `${field} is expected among: ${errors.map(words).join('; ')}`);
      }
    });
  }

  test('there is no case of a kind that netpol does not judge', () => {
    assert.deepEqual(unknownKinds, []);
  });
});

function words({ path, rule, message }: Problem): string {
  return `${formatPath(path)} (${rule}): ${message}`;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { kinds } from '#server/kinds/index.js';
import { networkPolicyKind } from '#server/kinds/kubernetes/index.js';
import { jsonSchemaOf } from '#server/kinds/schema.js';

const ajv = () => new Ajv2020({ allErrors: true, allowUnionTypes: true });

test('every kind has a schema that is one', () => {
  for (const kind of kinds) assert.doesNotThrow(() => ajv().compile(jsonSchemaOf(kind)), kind.kind);
});

test('what the API server takes, the schema takes', () => {
  const folder = fileURLToPath(new URL('../../corpus/k8s-validation/', import.meta.url));
  const cases: { file: string; valid: boolean }[] = JSON.parse(readFileSync(`${folder}index.json`, 'utf8'));
  const validate = ajv().compile(jsonSchemaOf(networkPolicyKind));
  let count = 0;
  for (const { file } of cases.filter((each) => each.valid)) {
    const object: { kind: string } = parse(readFileSync(folder + file, 'utf8'));
    if (object.kind !== 'NetworkPolicy') continue;
    assert.ok(validate(object), `${file}: ${ajv().errorsText(validate.errors)}`);
    count++;
  }
  assert.ok(count > 20);
});

test('the schema refuses misspelt fields, wrong types and unknown values', () => {
  const validate = ajv().compile(jsonSchemaOf(networkPolicyKind));
  const policy = (spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'api', namespace: null },
    spec,
  });
  assert.ok(validate(policy({ podSelector: null, policyTypes: ['Ingress'], ingress: [{}] })));
  for (const bad of [
    { podselector: {} },
    { policyTypes: 'Ingress' },
    { policyTypes: ['ingress'] },
    { ingress: [{ ports: [{ port: 0 }] }] },
    { ingress: [{ from: [{ ipBlock: {} }] }] },
  ]) {
    assert.ok(!validate(policy(bad)), JSON.stringify(bad));
  }
});

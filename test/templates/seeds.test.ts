import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { ingressControllers, prometheus } from '#server/model/profile.js';
import { snippetFile, type TemplateValues, templateNamed } from '#server/templates/index.js';
import { accepted, profileWith, valuesOf } from './policies.js';

const seeds = seedsOf('seed-policies.yaml');
const clusterSeeds = seedsOf('seed-cluster-policies.yaml');

const nginx = ingressControllers['ingress-nginx'];
assert.ok(nginx !== undefined);

const cases: [policy: string, template: string, values: Partial<TemplateValues>][] = [
  ['default-deny-ingress', 'default-deny-ingress', {}],
  ['default-deny-egress', 'default-deny-egress', {}],
  ['default-deny-all', 'default-deny-all', {}],
  ['allow-all-ingress', 'allow-all-ingress', {}],
  ['allow-dns-egress', 'allow-dns-egress', {}],
  ['namespace-isolation', 'namespace-isolation', { namespace: 'team-a' }],
  ['postgres-policy', 'database-tier', {}],
  [
    'allow-ingress-controller',
    'allow-ingress-controller',
    { podLabels: new Map([['app', 'frontend']]), given: { name: 'allow-ingress-controller' } },
  ],
  [
    'allow-prometheus-scrape',
    'allow-prometheus-scrape',
    { profile: profileWith({ monitoring: { ...prometheus, labels: new Map([['app', 'prometheus']]) } }) },
  ],
  ['allow-external-api', 'allow-external-api', { given: { name: 'allow-external-api' } }],
  [
    'allow-ingress-nginx',
    'allow-ingress-controller',
    {
      profile: profileWith({ ingressControllers: [{ ...nginx, labels: new Map() }] }),
      given: { name: 'allow-ingress-nginx', ports: '80,8080,443' },
    },
  ],
  ['deny-all', 'default-deny-ingress', { namespace: 'netpol-test', given: { name: 'deny-all' } }],
  [
    'allow-dns-and-app',
    'allow-dns-and-app',
    {
      namespace: undefined,
      podLabels: new Map([['app', 'network-test']]),
      profile: profileWith({ dns: [{ ...profileWith({}).dns[0], labels: new Map() }] }),
      given: { name: 'allow-dns-and-app', to: 'api', ports: '8080' },
    },
  ],
];

for (const [policy, id, values] of cases) {
  test(`${id} gives the seed's ${policy}`, () => {
    assert.ok(seeds.has(policy));
    assert.deepEqual(templateNamed(id)?.build(valuesOf(values)), seeds.get(policy));
  });
}

test("a snippet gives the seed's api-policy", () => {
  const snippet = snippetFile()['NetworkPolicy with ingress and egress'];
  assert.ok(snippet !== undefined);
  const text = accepted(snippet.body).replace('my-namespace', 'production');
  assert.deepEqual(parse(text), seeds.get('api-policy'));
});

test('every policy of the seeds is covered', () => {
  assert.deepEqual([...seeds.keys()].sort(), [...cases.map(([policy]) => policy), 'api-policy'].sort());
});

for (const [policy, id] of [
  ['deny-to-kube-system', 'admin-network-policy'],
  ['default', 'baseline-admin-network-policy'],
] as const) {
  test(`${id} and its snippet give the seed's`, () => {
    const seed = clusterSeeds.get(policy);
    assert.ok(seed !== undefined);
    const template = templateNamed(id);
    assert.ok(template !== undefined);
    assert.deepEqual(template.build(valuesOf({})), seed);
    assert.deepEqual(parse(accepted(snippetFile()[template.title]?.body ?? [])), seed);
  });
}

function seedsOf(file: string) {
  const stream = readFileSync(new URL(`../../templates/${file}`, import.meta.url), 'utf8');
  return new Map(parseAllDocuments(stream).map((document) => [document.getIn(['metadata', 'name']), document.toJS()]));
}

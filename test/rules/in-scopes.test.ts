import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinScopes, type ScopedFinding } from '#server/rules/in-scopes.js';
import type { Severity } from '#server/rules/rule.js';
import { Netpol } from '#server/service.js';
import type { Change, Fix } from '#server/text/fix.js';
import { Memory, root, uriOf } from '../workspace/memory.js';

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress: [{ports: [{port: 443}]}]
`;
const web = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n';
const base = uriOf('base/policy.yaml');

interface Shown {
  readonly message?: string;
  readonly severity?: Severity;
  readonly fixes?: readonly Fix[];
  /** The overlay that shows it; each of them where none is said. */
  readonly in?: 'prod' | 'dev' | 'test';
}

/** What is told of a base of three overlays where they, or some of them, show these findings at one place by one rule. */
async function told(...shown: readonly Shown[]) {
  const overlay = (namespace: string) => `resources: [../base]\nnamespace: ${namespace}\n`;
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml, policy.yaml]\n',
    'base/web.yaml': web,
    'base/policy.yaml': policy,
    'prod/kustomization.yaml': overlay('shop'),
    'dev/kustomization.yaml': overlay('shop-dev'),
    'test/kustomization.yaml': overlay('shop-test'),
  };
  const netpol = await Netpol.open(new Memory(files), [root]);
  const { index } = netpol.workspace;
  const all = index.scopesOf(base);
  const [finding] = netpol.findings(base);
  assert.ok(finding !== undefined);
  const found = shown.map(({ in: overlay, ...words }): ScopedFinding => {
    const scope = all.find(({ title }) => title === overlay);
    assert.equal(scope?.title, overlay);
    return { finding: { ...finding, message: 'A fault.', severity: 'info', fixes: [], ...words }, scope };
  });
  return joinScopes(found, new Set(all), (uri) => index.scopesOf(uri));
}

const inBase = '(in the base, for all overlays that build on it)';

test('what a fix that takes long to know changes is not worked out for its title', async () => {
  const append = (path: string) => (): readonly Change[] => [{ kind: 'append', uri: uriOf(path), text: '' }];
  const costly: Fix = { title: 'Try', costly: true, changes: () => assert.fail('it is worked out') };
  const fixes = [
    { title: 'Change the base', changes: append('base/policy.yaml') },
    { title: 'Change what no overlay has', changes: append('else.yaml') },
    { title: 'Change nothing', changes: () => undefined },
    costly,
  ];
  const [finding] = await told({ in: 'prod', fixes });
  assert.deepEqual(
    finding?.fixes.map(({ title }) => title),
    [`Change the base ${inBase}`, 'Change what no overlay has', 'Change nothing', `Try ${inBase}`],
  );
  const everywhere = await told(...(['prod', 'dev', 'test'] as const).map((each) => ({ in: each, fixes: [costly] })));
  assert.deepEqual(
    everywhere.map(({ message, fixes }) => [message, fixes.map(({ title }) => title)]),
    [['A fault.', ['Try']]],
  );
});

test('what several overlays show is as grave as in the worst of them, also in other words', async () => {
  const severities = async (...shown: readonly Shown[]) => (await told(...shown)).map(({ severity }) => severity);
  const [mild, grave] = [
    { in: 'prod', severity: 'info' },
    { in: 'dev', severity: 'warning' },
  ] as const;
  assert.deepEqual(await severities(mild, grave), ['warning']);
  assert.deepEqual(await severities(grave, mild), ['warning']);
  const words = { message: 'A fault of dev.' };
  assert.deepEqual(await severities(mild, { ...grave, ...words }), ['warning']);
  assert.deepEqual(await severities({ ...grave, ...words }, mild), ['warning']);
});

test('what holds in each overlay is not said of some, and is not taken for what some say in other words', async () => {
  const messages = async (...shown: readonly Shown[]) => (await told(...shown)).map(({ message }) => message);
  assert.deepEqual(await messages({ in: 'prod' }), ['A fault. In prod.']);
  assert.deepEqual(await messages({}), ['A fault.']);
  assert.deepEqual(await messages({}, { in: 'prod' }), ['A fault.']);
  assert.deepEqual(await messages({ in: 'prod' }, {}), ['A fault.']);
  const other = { in: 'prod', message: 'Another.' } as const;
  assert.deepEqual(await messages({}, other), ['A fault.', 'Another. In prod.']);
  assert.deepEqual(await messages(other, {}), ['Another. In prod.', 'A fault.']);
});

test('other words of other overlays tell of the same fault, and two that one overlay shows are two', async () => {
  const messages = async (...shown: readonly Shown[]) => (await told(...shown)).map(({ message }) => message);
  const other = { message: 'Another.' };
  assert.deepEqual(await messages({ in: 'prod' }, { in: 'dev', ...other }), [
    'A fault. In prod, and likewise in dev, not in test.',
  ]);
  assert.deepEqual(await messages({ in: 'prod' }, { in: 'dev' }, { in: 'dev', ...other }, { in: 'test', ...other }), [
    'A fault. In prod and dev, not in test.',
    'Another. In dev and test, not in prod.',
  ]);
  const third = { in: 'dev', message: 'A third.' } as const;
  assert.deepEqual(await messages({ in: 'prod' }, { in: 'dev', ...other }, third), [
    'A fault. In prod, and likewise in dev, not in test.',
    'A third. In dev.',
  ]);
});

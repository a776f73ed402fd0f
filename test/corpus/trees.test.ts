import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root, uriOf } from '../workspace/memory.js';

const corpus = join(process.cwd(), 'test/corpus');
const trees = join(corpus, 'trees');

/** Files of a project as it has them: those of `trees/NAME`, and others' manifests at their own paths. */
function treeOf(name: string, others: Readonly<Record<string, string>>): Record<string, string> {
  const own = readdirSync(join(trees, name), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.yaml'),
  );
  return Object.fromEntries([
    ...own.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(trees, name, path), 'utf8')]),
    ...Object.entries(others).map(([path, from]) => [path, readFileSync(join(corpus, from), 'utf8')]),
  ]);
}

/** Templates of a chart in `real/`, whose names there have "__" for "/". */
function templatesOf(project: string, chart: string): Record<string, string> {
  const prefix = `${chart.replaceAll('/', '__')}__`;
  return Object.fromEntries(
    readdirSync(join(corpus, 'real', project))
      .filter((name) => name.startsWith(`${prefix}templates__`))
      .map((name) => [name.slice(prefix.length).replaceAll('__', '/'), join('real', project, name)]),
  );
}

/** "FILE:LINE SEVERITY RULE", with what is said of the overlays. */
async function findingsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const netpol = await Netpol.open(new Memory(files), [root]);
  const found = Object.keys(files).flatMap((path) =>
    netpol.findings(uriOf(path)).map(({ rule, severity, range, message }) => {
      const line = (netpol.workspace.file(uriOf(path))?.lines.positionAt(range.start).line ?? -1) + 1;
      return `${path}:${line} ${severity} ${rule.id}${/ In [^.]+\.$/.exec(message)?.[0] ?? ''}`;
    }),
  );
  assert.deepEqual(netpol.crashes, []);
  assert.deepEqual(netpol.workspace.unread, []);
  return found.sort();
}

function agree(name: string, found: readonly string[]): void {
  const expected = join(trees, name, 'expected.json');
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, `${JSON.stringify(found, undefined, 1)}\n`);
  assert.deepEqual(found, JSON.parse(readFileSync(expected, 'utf8')));
}

test('Online Boutique: what one overlay mends is said of the other only', async () => {
  const from = 'np-guard/tests/onlineboutique_workloads';
  const files = treeOf('online-boutique', {
    'base/kubernetes-manifests.yaml': `${from}/kubernetes-manifests.yaml`,
    'base/netpols.yaml': `${from}/netpols.yaml`,
  });
  const found = await findingsOf(files);
  agree('online-boutique', found);
  assert.ok(
    found.includes(
      'base/kubernetes-manifests.yaml:400 warning needed-connection-blocked In overlays/staging.',
    ),
  );
});

test('Flux: what a patch breaks is said of its overlay only', async () => {
  const project = 'real/fluxcd+flux2/manifests__policies__';
  const found = await findingsOf(
    treeOf('flux', {
      'manifests/policies/allow-egress.yaml': `${project}allow-egress.yaml`,
      'manifests/policies/allow-scraping.yaml': `${project}allow-scraping.yaml`,
      'manifests/policies/allow-webhooks.yaml': `${project}allow-webhooks.yaml`,
    }),
  );
  agree('flux', found);
});

for (const { name, project, chart, templates, broken } of [
  {
    name: 'argo-cd',
    project: 'argoproj+argo-helm',
    chart: 'charts/argo-cd',
    templates: 9,
    broken: { path: 'templates/dex/networkpolicy.yaml', line: 17 },
  },
  {
    name: 'loki-distributed',
    project: 'grafana+helm-charts',
    chart: 'charts/loki-distributed',
    templates: 1,
    broken: { path: 'templates/networkpolicy.yaml', line: 37 },
  },
]) {
  test(`the chart ${name}, without helm: no false finding, and a refused value is found at its line`, async () => {
    const others = templatesOf(project, chart);
    assert.equal(Object.keys(others).length, templates);
    const files = treeOf(name, others);
    agree(name, await findingsOf(files));

    const { path, line } = broken;
    const text = (files[path] ?? '').replace(/protocol: (TCP|UDP)/, 'protocol: ANY');
    assert.deepEqual(await findingsOf({ ...files, [path]: text }), [`${path}:${line} error invalid-protocol`]);
  });
}

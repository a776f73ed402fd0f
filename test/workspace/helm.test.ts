import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { URI } from 'vscode-uri';
import { templatesOf } from '#server/host/helm.js';
import { nodeFiles } from '#server/host/node-files.js';
import { resourcesOf } from '#server/kinds/index.js';
import { Netpol } from '#server/service.js';
import { align, templateLines } from '#server/text/align.js';
import { renderedDocuments } from '#server/text/rendered.js';
import { Charts } from '#server/workspace/charts.js';
import type { ChartRequest, NotRendered, Renderer } from '#server/workspace/rendering.js';
import { readSettings } from '#server/workspace/settings.js';
import { Memory, root, uriOf } from './memory.js';

/** A chart, and what helm 3.16 printed of it: `helm template release-name shop --namespace=default -f shop/NAME.yaml`. */
const folder = join(import.meta.dirname, '../../workspace/helm');
const chart = URI.file(join(folder, 'shop')).toString();
const policies = `${chart}/templates/policies.yaml`;
const printed = (values: string) => readFileSync(join(folder, `shop-${values}.txt`), 'utf8');

async function opened(...values: readonly string[]): Promise<Netpol> {
  const netpol = await Netpol.open(nodeFiles('at once'), [chart]);
  await render(netpol, values);
  return netpol;
}

async function render(netpol: Netpol, values: readonly string[]): Promise<void> {
  const all = values.map(async (each) => ({
    values: values.length === 1 ? [] : [`${each}.yaml`],
    templates: await templatesOf(chart, printed(each)),
  }));
  netpol.workspace.setRenderings(chart, await Promise.all(all));
}

function told(netpol: Netpol, uri = policies): readonly string[] {
  const lines = netpol.workspace.file(uri)?.lines;
  assert.ok(lines !== undefined);
  return netpol.findings(uri).map(({ rule, range }) => {
    const [start, end] = [lines.positionAt(range.start), lines.positionAt(range.end)];
    const to = end.line === start.line ? end.character + 1 : `${end.line + 1}:${end.character + 1}`;
    return `${rule.id} ${start.line + 1}:${start.character + 1}-${to}`;
  });
}

const found = ['dns-egress-missing 16:7-13', 'service-port-not-target-port 24:17-19', 'invalid-end-port 50:20-24'];

test('findings of what was rendered stand in the template', async () => {
  const netpol = await opened('values');
  assert.deepEqual(told(netpol), found);
  const [dns] = netpol.findings(policies);
  const web = `${chart}/templates/web.yaml`;
  assert.deepEqual(
    dns?.related.map(({ uri, range }) => [uri, netpol.workspace.file(uri)?.lines.positionAt(range.start).line]),
    [[web, 3]],
  );
});

test('without renderings the same template is silent about what its actions print', async () => {
  const netpol = await Netpol.open(nodeFiles('at once'), [chart]);
  assert.deepEqual(told(netpol), ['invalid-end-port 50:20-24']);
});

test('each set of values is a scope; what they agree upon is one finding, and what only one shows says so', async () => {
  const netpol = await opened('values', 'values-prod');
  assert.deepEqual(
    netpol.workspace.index.scopes.map(({ title, policies }) => [title, policies.length]),
    [
      ['shop with values.yaml', 1],
      ['shop with values-prod.yaml', 2],
    ],
  );
  assert.deepEqual(told(netpol), found);
  const [dns, port] = netpol.findings(policies);
  assert.ok(!dns?.message.includes('values'), dns?.message);
  assert.match(port?.message ?? '', /8080.* In shop with values.yaml, and likewise in shop with values-prod.yaml\.$/);
});

test('a line that moved takes its finding along, and one that changed since loses it until it is rendered again', async () => {
  const netpol = await opened('values');
  const text = netpol.workspace.file(policies)?.text ?? '';
  netpol.workspace.setBuffer(policies, `# new\n\n${text}`, 1);
  assert.deepEqual(told(netpol), [
    'dns-egress-missing 18:7-13',
    'service-port-not-target-port 26:17-19',
    'invalid-end-port 52:20-24',
  ]);
  netpol.workspace.setBuffer(policies, text.replace('- port: 80\n', '- port: 8080\n'), 2);
  assert.deepEqual(told(netpol), [found[0], found[2]]);
  await render(netpol, ['values']);
  netpol.workspace.setBuffer(policies, text, 3);
  assert.deepEqual(told(netpol), found);
});

test('a fix edits the template where it has the text, and is not offered where the text is rendered several times', async () => {
  const netpol = await opened('values');
  const [dns] = netpol.findings(policies);
  const changes = dns?.fixes[0]?.changes();
  assert.ok(changes !== undefined);
  const text = netpol.applyChanges(changes)?.get(policies) ?? '';
  assert.match(text, /- port: 5432\n {4}- to:\n {8}- namespaceSelector:[\s\S]*port: 53\n/);
  assert.ok(text.startsWith((netpol.workspace.file(policies)?.text ?? '').slice(0, 600)));
  // Edited since: what was rendered is another text.
  netpol.workspace.setBuffer(policies, `# new\n${netpol.workspace.file(policies)?.text ?? ''}`, 1);
  assert.equal(netpol.findings(policies)[0]?.fixes[0]?.changes(), undefined);
  // Nor is a template that has gone since the fix was offered.
  const other = await opened('values');
  const fix = other.findings(policies)[0]?.fixes[0];
  assert.ok(fix?.changes() !== undefined);
  other.workspace.remove(policies);
  assert.equal(fix.changes(), undefined);
});

test('a fix of two edits is not offered where values gave one of the places', async () => {
  const swapped = async (port: string) => {
    const template = `${policy('web')}  ingress:\n    - ports:\n        - port: ${port}\n          endPort: 9000\n`;
    const files = { 'a/Chart.yaml': 'name: a\n', 'a/templates/a.yaml': template };
    const netpol = await Netpol.open(new Memory(files), [root]);
    const uri = uriOf('a/templates/a.yaml');
    const texts = [template.replace(/\{\{.*?\}\}/, '9091')];
    netpol.workspace.setRenderings(uriOf('a'), [{ values: [], templates: [{ uri, template, texts }] }]);
    const finding = netpol.findings(uri).find(({ rule }) => rule.id === 'invalid-end-port');
    const changes = finding?.fixes[0]?.changes();
    return changes === undefined ? undefined : netpol.applyChanges(changes)?.get(uri);
  };
  assert.match((await swapped('9091')) ?? '', /- port: 9000\n {10}endPort: 9091\n/);
  assert.equal(await swapped('{{ .Values.port }}'), undefined);
});

test('each rendered line has its line in the template', () => {
  const template = readFileSync(join(folder, 'shop/templates/policies.yaml'), 'utf8');
  const [, part = ''] = printed('values').split(/\n---\n|# Source: .*\n/);
  const origins = align(templateLines(template), part.trimEnd().split('\n'));
  assert.deepEqual(
    origins.map((origin) => (origin?.line ?? -2) + 1),
    // The two lines of labels come from one action, and the loop is run twice.
    [
      2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 19, 20, 21, 22, 23, 24, 26,
      27, 28, 29, 30, 31, 32,
    ],
  );
});

test('columns are those of the text, and an action stands for what it printed', () => {
  const template =
    'a:\n  - "x-{{ .Values.name }}.shop:{{ .Values.port }}" # why\n  {{- range .Values.more }}\n  - {{ . }}\n  {{- end }}\n';
  const text = 'a:\n  - "x-web.shop:80" # why\n  - one\n  - two\n';
  const [document] = renderedDocuments('u', template, [text]);
  const shown = (part: string, literal = false) => {
    const start = text.indexOf(part);
    const range = { start, end: start + part.length };
    const at = literal ? document?.origin?.literal(range) : document?.origin?.toTemplate(range);
    return at && template.slice(at.start, at.end);
  };
  assert.equal(shown('web'), '{{ .Values.name }}');
  assert.equal(shown('shop'), 'shop');
  assert.equal(shown('x-web'), 'x-{{ .Values.name }}');
  assert.equal(shown('80'), '{{ .Values.port }}');
  assert.equal(shown('two'), '{{ . }}');
  assert.equal(shown('a:', true), 'a:');
  assert.equal(shown('shop', true), undefined);
  assert.equal(shown('one', true), undefined);
});

test('a document that is too long to be compared keeps its objects and loses its places', () => {
  const long = Array.from({ length: 3000 }, (_, i) => `k${i}: {{ .Values.a }}`).join('\n');
  const [document] = renderedDocuments('u', long, [long.replaceAll('{{ .Values.a }}', '1')]);
  assert.equal(document?.origin?.toTemplate({ start: 0, end: 2 }), undefined);
  assert.ok(document?.root !== undefined);
});

test('the resource in the template is known as what came of it', async () => {
  const netpol = await opened('values');
  const { index } = netpol.workspace;
  const [first] = netpol.workspace.file(policies)?.documents ?? [];
  const [resource] = first === undefined ? [] : resourcesOf(first.document);
  const [scope] = index.scopesOf(policies);
  assert.ok(resource !== undefined && scope !== undefined);
  assert.equal(scope.policyOf(resource)?.value.name, 'release-name-web');
});

test('the namespace of the release is not known', async () => {
  const netpol = await opened('values');
  const [scope] = netpol.workspace.index.scopes;
  assert.deepEqual(
    [...(scope?.namespaces.values() ?? [])].map(({ ref }) => ref.name),
    [undefined],
  );
});

test('an edit of a file of a rendered chart gives what a workspace read anew gives', async () => {
  const netpol = await opened('values');
  const text = netpol.workspace.file(policies)?.text ?? '';
  netpol.findings(policies);
  const edited = text.replace('endPort: 9000', 'endPort: 9999');
  netpol.workspace.setBuffer(policies, edited, 1);
  const anew = await Netpol.open(nodeFiles('at once'), [chart]);
  anew.workspace.setBuffer(policies, edited, 1);
  await render(anew, ['values']);
  assert.deepEqual(told(netpol), told(anew));
  assert.deepEqual(told(netpol), found.slice(0, 2));
});

/** A renderer whose answers a test gives. */
class Fake implements Renderer {
  readonly asked: ChartRequest[] = [];
  readonly #answers: ((text: string | NotRendered) => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  render(request: ChartRequest) {
    this.asked.push(request);
    for (const look of this.#waiting.splice(0)) look();
    return new Promise<readonly { uri: string; template: string; texts: string[] }[] | NotRendered>((resolve) =>
      this.#answers.push((answer) =>
        resolve(
          typeof answer === 'string'
            ? [{ uri: `${request.chart}/templates/a.yaml`, template: answer, texts: [answer] }]
            : answer,
        ),
      ),
    );
  }

  /** Waits until so many renderings were asked for. */
  async asking(count: number): Promise<void> {
    while (this.asked.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  answer(nth: number, answer: string | NotRendered): void {
    this.#answers[nth]?.(answer);
  }
}

const policy = (name: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}\nspec:\n  podSelector: {}\n`;

async function charted(settings: object, names: readonly string[]) {
  const files = Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/Chart.yaml`, `name: ${name}\ntype: ${name.startsWith('lib') ? 'library' : 'application'}\n`],
      [`${name}/templates/a.yaml`, policy('{{ .Release.Name }}')],
    ]),
  );
  const netpol = await Netpol.open(new Memory(files), [root], readSettings(settings).settings);
  const renderer = new Fake();
  const events: string[] = [];
  const charts = new Charts(
    netpol.workspace,
    renderer,
    () => ({ helm: netpol.settings.helm, kubeVersion: undefined }),
    {
      changed: () => events.push('changed'),
      failed: (folder, error, values) => events.push(`${folder} ${values} ${error}`),
      absent: (error) => events.push(`absent ${error}`),
    },
  );
  const policyNames = () =>
    netpol.workspace.index.scopes.flatMap(({ policies }) => policies.map(({ value }) => value.name));
  return { netpol, renderer, charts, events, policyNames };
}

test('no more than two charts are rendered at once, subcharts with the chart around them, libraries never', async () => {
  const { renderer, charts } = await charted({}, ['a', 'a/charts/sub', 'b', 'c', 'lib']);
  const done = charts.update();
  await renderer.asking(2);
  assert.deepEqual(
    renderer.asked.map(({ chart }) => chart),
    [uriOf('a'), uriOf('b')],
  );
  renderer.answer(0, policy('x'));
  await renderer.asking(3);
  renderer.answer(1, policy('x'));
  renderer.answer(2, policy('x'));
  await done;
  assert.deepEqual(
    renderer.asked.map(({ chart }) => chart),
    [uriOf('a'), uriOf('b'), uriOf('c')],
  );
});

test('a chart is rendered again when a file of it changes, and what was asked for last counts', async () => {
  const { renderer, charts, policyNames } = await charted({}, ['a']);
  const done = charts.update();
  await renderer.asking(1);
  charts.fileChanged(uriOf('a/templates/_helpers.tpl'));
  renderer.answer(0, policy('old'));
  await renderer.asking(2);
  assert.notDeepEqual(policyNames(), ['old']);
  renderer.answer(1, policy('new'));
  await done;
  assert.deepEqual(policyNames(), ['new']);
  charts.fileChanged(uriOf('elsewhere.yaml'));
  await charts.update();
  assert.equal(renderer.asked.length, 2);
});

test('a chart that cannot be rendered is said once, and read as it is written', async () => {
  const { netpol, renderer, charts, events } = await charted({}, ['a']);
  for (const nth of [0, 1]) {
    const done = charts.update();
    await renderer.asking(nth + 1);
    renderer.answer(nth, { error: 'it is broken' });
    await done;
    charts.fileChanged(uriOf('a/values.yaml'));
  }
  assert.deepEqual(
    events.filter((event) => event !== 'changed'),
    [`${uriOf('a')}  it is broken`],
  );
  assert.deepEqual(netpol.workspace.index.scopesOf(uriOf('a/templates/a.yaml'))[0]?.policies.length, 1);
});

test('where nothing can render, nothing is asked again', async () => {
  const { renderer, charts, events } = await charted({}, ['a', 'b']);
  const done = charts.update();
  await renderer.asking(2);
  renderer.answer(0, { error: 'no helm', absent: true });
  renderer.answer(1, { error: 'no helm', absent: true });
  await done;
  charts.fileChanged(uriOf('a/values.yaml'));
  await charts.update();
  assert.deepEqual([events, renderer.asked.length], [['absent no helm'], 2]);
});

test('values are files of the workspace; each set is a rendering', async () => {
  const values = { '/a': ['prod.yaml', ['base.yaml', '../b/more.yaml'], '../../outside.yaml', 'https://host/x.yaml'] };
  const { renderer, charts, events } = await charted({ helm: { values } }, ['a']);
  const done = charts.update();
  await renderer.asking(1);
  renderer.answer(0, policy('x'));
  await renderer.asking(2);
  renderer.answer(1, policy('x'));
  await done;
  assert.deepEqual(
    renderer.asked.map((request) => request.values),
    [[uriOf('a/prod.yaml')], [uriOf('a/base.yaml'), uriOf('b/more.yaml')]],
  );
  assert.deepEqual(
    events.filter((event) => event !== 'changed'),
    [
      `${uriOf('a')} ../../outside.yaml ../../outside.yaml is not in the workspace`,
      `${uriOf('a')} https://host/x.yaml https://host/x.yaml is not in the workspace`,
    ],
  );
});

test('switched off, nothing is rendered, and what was is let go', async () => {
  const { netpol, renderer, charts, policyNames } = await charted({}, ['a']);
  const done = charts.update();
  await renderer.asking(1);
  renderer.answer(0, policy('x'));
  await done;
  assert.deepEqual(policyNames(), ['x']);
  netpol.settings = readSettings({ helm: { render: false } }).settings;
  await charts.update();
  assert.notDeepEqual(policyNames(), ['x']);
  assert.equal(renderer.asked.length, 1);
});

test('a template that gave nothing is read as it is written, beside what is applied, also after an edit', async () => {
  const { netpol } = await charted({}, ['a']);
  const { workspace } = netpol;
  const off = uriOf('a/templates/off.yaml');
  workspace.setBuffer(off, policy('unused'), 1);
  const template = policy('{{ .Release.Name }}');
  const templates = [{ uri: uriOf('a/templates/a.yaml'), template, texts: [policy('kept')] }];
  workspace.setRenderings(uriOf('a'), [{ values: [], templates }]);
  const applied = () => workspace.index.scopes.flatMap(({ policies }) => policies.map(({ value }) => value.name));
  const beside = () => workspace.index.scopesOf(off).flatMap(({ policies }) => policies.map(({ value }) => value.name));
  assert.deepEqual(applied(), ['kept']);
  assert.ok(beside().includes('unused'));
  const { index } = workspace;
  workspace.setBuffer(off, policy('other'), 2);
  workspace.setBuffer(uriOf('a/templates/a.yaml'), `# edited\n${template}`, 1);
  assert.equal(workspace.index, index);
  assert.deepEqual([applied(), beside().includes('other')], [['kept'], true]);
});

test('what a chart in an archive gives is applied, and has no place', async () => {
  const { netpol } = await charted({}, ['a']);
  const templates = [{ uri: uriOf('a/charts/sub/templates/x.yaml'), template: undefined, texts: [policy('sub')] }];
  netpol.workspace.setRenderings(uriOf('a'), [{ values: [], templates }]);
  const [scope] = netpol.workspace.index.scopes;
  assert.deepEqual(
    scope?.policies.map(({ value }) => value.name),
    ['sub'],
  );
  assert.deepEqual(netpol.findings(uriOf('a/charts/sub/templates/x.yaml')), []);
});

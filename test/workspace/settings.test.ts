import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { cniProfiles, supportIn } from '#server/model/cni.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { editorFields } from '#server/workspace/editor-settings.js';
import { leftOut, matcher } from '#server/workspace/patterns.js';
import { mergeSettings, problemText, readSettings } from '#server/workspace/settings.js';
import { settingsFields } from '#server/workspace/settings-fields.js';

const problems = (text: string) => readSettings(parse(text)).problems.map(problemText);

test('what is wrong is said at its path, and left at its default', () => {
  const cases: readonly [string, RegExp][] = [
    ['cni: calicoo', /^cni: "calicoo" is not known here. Did you mean calico\?/],
    ['cni: istio-ambient', /^cni: "istio-ambient" is not known here/],
    ['cni: [calico]', /^cni: must be text, not a list/],
    ['kubernetesVersion: 1.30', /^kubernetesVersion: must be text, not the number 1.3. Put the version in quotes/],
    ['cniVersion: newest', /^cniVersion: must be a version such as/],
    ['cluster: {podCIDRs: [10.0.0.0/33]}', /^cluster.podCIDRs\[0\]: takes address ranges/],
    ['cluster: {apiServer: [192.0.2.1]}', /^cluster.apiServer\[0\]: .*Write 192.0.2.1\/32/],
    ['cluster: {apiServer: ["2001:db8::1"]}', /Write 2001:db8::1\/128/],
    ['cluster: {nodeLocalDNS: localhost}', /^cluster.nodeLocalDNS: must be an address/],
    ['cluster: {nodeLocalDNS: 3}', /^cluster.nodeLocalDNS: must be true or false or text, not the number 3/],
    ['cluster: {dns: {ports: [70000]}}', /^cluster.dns.ports\[0\]: must be a whole number from 1 to 65535/],
    ['cluster: {ingressControllers: {labels: {}}}', /^cluster.ingressControllers: needs `namespace`/],
    ['rules: {x: loud}', /^rules.x: "loud" is not known here/],
    ['rules: {x: true}', /^rules.x: must be text, not the boolean true/],
    ['scopes: [{name: a}]', /^scopes\[0\]: needs `include`/],
    ['scopes: [{name: a, include: [x]}, {name: a, include: [y]}]', /^scopes\[1\].name: is "a", as another/],
    ['exclud: []', /^exclud: There is no setting "exclud".*Did you mean "exclude"\?/],
    ['helm: {values: {a: x.yaml}}', /^helm.values.a: must be a list, not "x.yaml"/],
    ['helm: {values: {a: [[1]]}}', /^helm.values.a\[0\]\[0\]: must be text/],
    ['helm: {render: sometimes}', /^helm.render: must be true or false/],
    ['helm: {path: /bin/sh}', /^helm.path: There is no setting "path"/],
    ['helm: {kubeVersion: new}', /^helm.kubeVersion: must be a version/],
    ['- cni: calico', /^must be a map, not a list/],
    ['cluster: {constructor: 1}', /^cluster.constructor: There is no setting/],
  ];
  for (const [text, wanted] of cases) {
    const found = problems(text);
    assert.equal(found.length, 1, `${text}: ${found.join(' | ')}`);
    assert.match(found[0] ?? '', wanted);
  }
  assert.deepEqual(readSettings(parse('cni: calicoo')).settings.profile, defaultProfile);
});

test('a repository cannot switch on what the editor has switched off', () => {
  const render = (editor: object, file: object) =>
    readSettings(mergeSettings({ helm: editor }, { helm: file })).settings.helm.render;
  assert.equal(render({ render: false }, { render: true }), false);
  assert.equal(render({ render: true }, { render: false }), false);
  assert.equal(render({}, { kubeVersion: '1.31' }), true);
});

test('what is left empty is left out', () => {
  for (const data of [undefined, null, {}, { cni: '', cluster: null, rules: {}, exclude: [] }, { cni: 'auto' }]) {
    const { settings, problems: found } = readSettings(data);
    assert.deepEqual(found, []);
    assert.deepEqual(settings.profile, defaultProfile);
  }
});

test('an off that YAML takes for false is off', () => {
  const { settings, problems: found } = readSettings({ rules: { a: false, b: 'off', c: 'hint' } });
  assert.deepEqual(
    [...settings.rules],
    [
      ['a', 'off'],
      ['b', 'off'],
      ['c', 'hint'],
    ],
  );
  assert.deepEqual(found, []);
});

test('ingress controllers are one or several, known or described, also by the former name', () => {
  const controllers = (cluster: object) =>
    readSettings({ cluster }).settings.profile.ingressControllers.map(({ namespace }) => namespace);
  assert.deepEqual(controllers({}), ['ingress-nginx']);
  assert.deepEqual(controllers({ ingressControllers: 'traefik' }), ['traefik']);
  assert.deepEqual(controllers({ ingressController: 'traefik' }), ['traefik']);
  assert.deepEqual(controllers({ ingressControllers: ['contour', { namespace: 'edge', labels: { app: 'x' } }] }), [
    'projectcontour',
    'edge',
  ]);
  const merged = mergeSettings(
    { cluster: { ingressControllers: ['contour'] } },
    { cluster: { ingressController: 'traefik' } },
  );
  assert.deepEqual(controllers((merged as { cluster: object }).cluster), ['traefik']);
});

test('every plugin can be configured, and says where it differs', () => {
  for (const { name } of cniProfiles) {
    const { settings, problems: found } = readSettings({ cni: name });
    assert.deepEqual(found, []);
    assert.equal(settings.profile.cni.name, name);
    assert.equal(settings.profile.cniSource, 'configured');
  }
  assert.equal(new Set(cniProfiles.map(({ name }) => name)).size, cniProfiles.length);
});

test('support that comes and goes with versions', () => {
  const calico = { since: [3, 29], before: [3, 32] } as const;
  assert.equal(supportIn(calico, undefined), 'unknown');
  assert.deepEqual(
    (
      [
        [3, 28],
        [3, 29],
        [3, 31],
        [3, 32],
        [4, 0],
      ] as const
    ).map((version) => supportIn(calico, version)),
    ['no', 'yes', 'yes', 'no', 'no'],
  );
});

test('include limits what is listed, and the configuration stays', async () => {
  const texts = ['.netpol.yaml', 'a.yaml', 'deploy/b.yaml', 'deploy/x/c.yaml', 'x/deploy/d.yaml', 'other/e.yaml'];
  const listed = (include: readonly string[], exclude: readonly string[] = []) => {
    const isOut = matcher(leftOut({ include, exclude }), 'mem:/w');
    return texts.filter((path) => !isOut(`mem:/w/${path}`));
  };
  assert.deepEqual(listed([]), texts);
  assert.deepEqual(listed(['deploy/']), ['.netpol.yaml', 'deploy/b.yaml', 'deploy/x/c.yaml', 'x/deploy/d.yaml']);
  assert.deepEqual(listed(['/deploy']), ['.netpol.yaml', 'deploy/b.yaml', 'deploy/x/c.yaml']);
  assert.deepEqual(listed(['/*.yaml', 'deploy/x']), ['.netpol.yaml', 'a.yaml', 'deploy/x/c.yaml']);
  assert.deepEqual(listed(['deploy'], ['x/']), ['.netpol.yaml', 'deploy/b.yaml']);
  assert.deepEqual(listed(['deploy', '!deploy/b.yaml']), ['.netpol.yaml', 'deploy/x/c.yaml', 'x/deploy/d.yaml']);
  const asked: (readonly string[])[] = [];
  const provider = {
    list: async (_: string, exclude: readonly string[]) => {
      asked.push(exclude);
      return [];
    },
    read: async () => ({ text: '' }),
  };
  await Netpol.open(provider, ['mem:/w'], readSettings({ include: ['deploy/'] }).settings);
  assert.deepEqual(asked, [leftOut({ include: ['deploy/'], exclude: [] })]);
});

test('the published schema takes what is read, and refuses what is refused', () => {
  const path = fileURLToPath(new URL('../../../docs/schemas/netpol-config.json', import.meta.url));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: false }).compile(
    JSON.parse(readFileSync(path, 'utf8')),
  );
  const good = [
    'cni: calico\nkubernetesVersion: "1.31"',
    'cluster: {ingressControllers: [traefik, {namespace: edge}], nodeLocalDNS: true, dns: {ports: [53]}}',
    'rules: {dns-egress-missing: "off"}\nscopes: [{name: a, include: [x]}]',
    'cluster:',
  ];
  for (const text of good) {
    assert.ok(validate(parse(text)), `${text}: ${JSON.stringify(validate.errors)}`);
    assert.deepEqual(problems(text), []);
  }
  for (const text of ['cni: calicoo', 'foo: 1', 'cluster: {podCIDR: []}', 'rules: {x: loud}', 'exclude: x']) {
    assert.ok(!validate(parse(text)), text);
    assert.notDeepEqual(problems(text), [], text);
  }
});

test('VS Code has each setting, and no other', () => {
  const manifest = fileURLToPath(new URL('../../../package.json', import.meta.url));
  const { properties } = JSON.parse(readFileSync(manifest, 'utf8')).contributes.configuration;
  const { cluster, ...root } = settingsFields().fields;
  const inner = cluster?.type === 'object' ? Object.entries(cluster.fields) : [];
  const wanted = [
    ...Object.keys(root),
    ...inner.flatMap(([name, { former }]) => (former === true ? [] : [`cluster.${name}`])),
    ...Object.entries(editorFields.fields).flatMap(([name, field]) =>
      field.type === 'object' ? Object.keys(field.fields).map((key) => `${name}.${key}`) : [],
    ),
    'trace.server',
  ];
  assert.deepEqual(Object.keys(properties).sort(), wanted.map((name) => `netpol.${name}`).sort());
  // As an editor sends them: nothing is configured by the defaults.
  const defaults: Record<string, unknown> = {};
  const below: Record<string, unknown> = {};
  for (const [name, { default: value }] of Object.entries<{ default: unknown }>(properties)) {
    const [, first = '', second] = name.split('.');
    if (first === 'cluster' && second !== undefined) below[second] = value;
    else if (first in editorFields.fields) assert.equal(value, true);
    else if (first !== 'trace') defaults[first] = value;
  }
  const { settings, problems: found } = readSettings({ ...defaults, cluster: below });
  assert.deepEqual(found, []);
  assert.deepEqual(settings.profile, defaultProfile);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import { SourceFile } from '#server/text/file.js';
import { formatPath } from '#server/text/paths.js';

/** What is said of an object, in few words: the rule, the field, and the severity where it is no error. */
function problemsOf(kind: string, spec: string, apiVersion = 'projectcalico.org/v3', metadata = '{name: p}') {
  const yaml = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;
  const { documents } = SourceFile.of('file:///object.yaml', yaml);
  const resources = documents.flatMap(({ document }) => resourcesOf(document));
  assert.equal(resources.length, 1, yaml);
  return resources.flatMap(({ kind, node }) =>
    (kind.check?.(node, { kubernetesVersion: undefined }) ?? []).map(({ rule, path, severity, message }) => ({
      short: `${rule} ${formatPath(path)}${severity === undefined ? '' : ` (${severity})`}`,
      message,
    })),
  );
}

const short = (...given: Parameters<typeof problemsOf>) => problemsOf(...given).map((each) => each.short);

describe('what some version takes is no error', () => {
  test('named ports without a protocol, names outside of the tier, fields of Calico Enterprise', () => {
    assert.deepEqual(short('NetworkPolicy', '{ingress: [{action: Allow, destination: {ports: [http]}}]}'), []);
    assert.deepEqual(short('NetworkPolicy', '{tier: security}'), []);
    assert.deepEqual(short('NetworkPolicy', '{}', 'projectcalico.org/v3', '{name: knp.default.a.b}'), []);
    assert.deepEqual(short('NetworkPolicy', '{egress: [{action: Allow, destination: {domains: [example.com]}}]}'), []);
    assert.deepEqual(short('GlobalNetworkSet', '{allowedEgressDomains: [example.com]}'), []);
  });

  test('limits that only the schemas of newer versions have', () => {
    const source = (text: string) => `{ingress: [{action: Allow, source: ${text}}]}`;
    const ranges = Array.from({ length: 257 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`).join(', ');
    assert.deepEqual(short('NetworkPolicy', source(`{nets: [${ranges}]}`)), [
      'invalid-value spec.ingress[0].source.nets (warning)',
    ]);
    assert.deepEqual(short('NetworkPolicy', source('{nets: [10.0.0.0/8, 10.0.0.0/8]}')), [
      'invalid-value spec.ingress[0].source.nets[1] (warning)',
    ]);
    assert.deepEqual(short('NetworkPolicy', source(`{selector: "app == '${'x'.repeat(1020)}'"}`)), [
      'invalid-value spec.ingress[0].source.selector (warning)',
    ]);
    assert.deepEqual(short('NetworkPolicy', '{types: []}'), ['invalid-value spec.types (warning)']);
    assert.deepEqual(short('NetworkPolicy', '{types: []}', 'crd.projectcalico.org/v1'), ['invalid-value spec.types']);
  });
});

describe('crd.projectcalico.org/v1', () => {
  test('says what becomes of an object that Kubernetes takes and Calico does not', () => {
    const [only, ...others] = problemsOf(
      'NetworkPolicy',
      '{selector: a}',
      'crd.projectcalico.org/v1',
      '{name: default.a.b}',
    );
    assert.equal(others.length, 0);
    assert.equal(only?.short, 'calico-selector-syntax spec.selector');
    assert.match(only?.message ?? '', /Calico then ignores the object\.$/);
    assert.doesNotMatch(problemsOf('NetworkPolicy', '{selector: a}')[0]?.message ?? '', /ignores/);
  });

  test('says that a rule may lose its only address, and be about everyone', () => {
    const rule = '{types: [Ingress], ingress: [{action: Allow, source: {nets: [169.254.169.254]}}]}';
    const [only] = problemsOf('NetworkPolicy', rule, 'crd.projectcalico.org/v1');
    assert.equal(only?.short, 'invalid-cidr spec.ingress[0].source.nets[0]');
    assert.match(only?.message ?? '', /or leave this out: a rule that has no other address is then about every one\.$/);
  });
});

describe('what a template leaves open is not judged', () => {
  const open = [
    '{selector: "{{ .s }}", order: "{{ .o }}", types: ["{{ .t }}"]}',
    '{ingress: [{action: "{{ .a }}", protocol: "{{ .p }}", destination: {ports: ["{{ .q }}", 80]}}]}',
    '{ingress: [{action: Deny, icmp: {type: 8}, protocol: "{{ .p }}"}]}',
    '{ingress: [{action: Allow, source: {nets: ["{{ .n }}"], services: {name: "{{ .s }}"}}}]}',
  ];
  for (const spec of open) {
    test(spec, () => {
      const errors = short('NetworkPolicy', spec);
      // Beside services no nets may stand, whatever they are.
      assert.deepEqual(errors, spec.includes('services') ? ['invalid-peer spec.ingress[0].source.nets'] : []);
    });
  }

  test('flags and tiers', () => {
    assert.deepEqual(short('GlobalNetworkPolicy', '{preDNAT: true, applyOnForward: "{{ .f }}"}'), []);
    assert.deepEqual(short('Tier', '{order: "{{ .o }}"}', 'projectcalico.org/v3', '{name: default}'), []);
    assert.deepEqual(short('HostEndpoint', '{node: "{{ .n }}", interfaceName: "{{ .i }}"}'), []);
  });
});

describe('tiers that every cluster has', () => {
  const of = (name: string, spec: string) => short('Tier', spec, 'projectcalico.org/v3', `{name: ${name}}`);
  test('keep their order and their end', () => {
    assert.deepEqual(of('default', '{order: 1000000}'), []);
    assert.deepEqual(of('default', '{}'), ['invalid-value spec.order']);
    assert.deepEqual(of('kube-baseline', '{order: 10000000}'), ['invalid-value spec.defaultAction']);
    assert.deepEqual(of('security', '{}'), []);
    assert.deepEqual(of('a.b', '{}'), ['invalid-name metadata.name']);
  });
});

test('a NetworkPolicy of Kubernetes and one of Calico are told apart by their apiVersion', () => {
  assert.deepEqual(short('NetworkPolicy', '{podSelector: {}}', 'networking.k8s.io/v1'), []);
  assert.deepEqual(short('NetworkPolicy', '{podSelector: {}}'), ['unknown-field spec.podSelector']);
  assert.deepEqual(
    short('NetworkPolicy', '{selector: all()}', 'networking.k8s.io/v1')[0],
    'unknown-field spec.selector',
  );
});

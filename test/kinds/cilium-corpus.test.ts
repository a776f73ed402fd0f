import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { resourcesOf } from '#server/kinds/index.js';
import type { Resource } from '#server/kinds/kind.js';
import { jsonSchemaOf } from '#server/kinds/schema.js';
import type { Policy } from '#server/model/policy.js';
import { SourceFile } from '#server/text/file.js';

/** Cilium's own verdicts and examples, and policies of real projects; see test/corpus/cilium/README.md. */
const corpus = join(process.cwd(), 'test/corpus/cilium');

/** Where netpol says something else than upstream's file or test does, and why. `docs/differences.md` retells it. */
const differences: Readonly<Record<string, string>> = {
  'examples/auth__auth.yaml':
    'writes `auth` for what is called `authentication`: an unknown field, which kubectl refuses',
  'examples/kubernetes__clustermesh__cross-cluster-policy.yaml':
    'has `metadata.description`: an unknown field, which kubectl refuses',
  'examples/l3__match-expressions__and-statement.yaml': 'writes the operator `in`, and the CRD has `In`',
  'examples/l3__match-expressions__or-statement.yaml': 'writes the operator `in`, and the CRD has `In`',
  'examples/newer__from_nodes.yaml': 'writes `apiversion`, so it is no object of any kind',
  'validation/022-bad-testtoservicessanitize-1-toservicesl3l4.yaml':
    'toServices with toPorts was refused up to about 1.17, and is taken now',
  'validation/027-bad-testl7ruleswithnodeselector-2-invalidl7ruleegress.yaml':
    'DNS rules for egress of nodes were refused, and are taken by the newest versions',
  'cidr ::192.0.2.3/128': 'the pattern of before 1.18 had no dotted part in IPv6; `format: cidr` and the agent take it',
  'cidr ::ffff:192.0.2.3/128': 'as above',
  'cidr abcd::192.0.2.3/128': 'as above',
};

/** What real projects have that Cilium refuses, each to be defended to the file's author. */
const refusedOfReal: Readonly<Record<string, string>> = {
  'kguardian-dev+kguardian/test__fixtures__generators__networkpolicy__cilium_default_deny.golden.yaml':
    'no list of entries: the agent wants one entry, and enableDefaultDeny is none',
  'kubearmor+policy-templates/pci-dss__network__cnp-pci-dss-10-ingress.yaml':
    'port "514 " with a blank: neither a number nor a name',
};

function resources(name: string, text: string): readonly Resource[] {
  const file = SourceFile.of(`file:///${name}`, text);
  const all = file.documents.flatMap(({ document }) => resourcesOf(document));
  return all.filter(({ kind, part }) => kind.kind.startsWith('Cilium') && part === undefined);
}

function errors(all: readonly Resource[]): readonly string[] {
  return all
    .flatMap(({ kind, node }) => kind.check?.(node, { kubernetesVersion: undefined }) ?? [])
    .filter(({ severity }) => severity === undefined)
    .map(({ rule, message }) => `${rule}: ${message}`);
}

function text(name: string): string {
  return readFileSync(join(corpus, name), 'utf8');
}

function json<T>(name: string): T {
  return JSON.parse(text(name));
}

/** Holds each case; those that are listed as differences have to differ. */
function hold(name: string, agrees: boolean, detail: () => string, differing: string[]): void {
  if (name in differences) {
    assert.ok(!agrees, `${name} is listed as a difference, and there is none any more`);
    differing.push(name);
  } else assert.ok(agrees, `${name}: ${detail()}`);
}

for (const [folder, least] of [
  ['examples', 60],
  ['connectivity', 88],
] as const) {
  test(`every policy of ${folder} is valid`, (t) => {
    const differing: string[] = [];
    const names = readdirSync(join(corpus, folder));
    let objects = 0;
    for (const name of names) {
      const found = resources(name, text(`${folder}/${name}`));
      const refused = errors(found);
      objects += found.length;
      hold(`${folder}/${name}`, found.length > 0 && refused.length === 0, () => refused.join('\n'), differing);
    }
    assert.ok(names.length >= least);
    t.diagnostic(
      `${names.length - differing.length} of ${names.length} files agree, ${objects} objects; ${differing.length} defended`,
    );
  });
}

test("the verdicts of Cilium's own tests", (t) => {
  const cases = json<readonly { file: string; valid: boolean; error?: string }[]>('validation/index.json');
  const differing: string[] = [];
  for (const { file, valid, error } of cases) {
    const found = resources(file, text(`validation/${file}`));
    assert.equal(found.length, 1, file);
    const refused = errors(found);
    hold(
      `validation/${file}`,
      (refused.length === 0) === valid,
      () => `${error ?? valid}: ${refused.join('\n')}`,
      differing,
    );
  }
  const bad = cases.filter(({ valid }) => !valid).length;
  t.diagnostic(
    `${cases.length - differing.length} of ${cases.length} verdicts agree (${bad} of them refusals); ${differing.length} defended`,
  );
});

test('the forms of address ranges', (t) => {
  const { good, bad } = json<{ good: readonly string[]; bad: readonly string[] }>('cidr-format.json');
  const differing: string[] = [];
  const valid = (cidr: string) =>
    [
      policy(`endpointSelector: {}\n  ingress:\n  - fromCIDR: ["${cidr}"]`),
      policy(`endpointSelector: {}\n  egress:\n  - toCIDRSet: [{cidr: "${cidr}"}]`),
      resources(
        'g.yaml',
        `apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: g}\nspec: {externalCIDRs: ["${cidr}"]}`,
      ),
    ].every((found) => errors(found).length === 0);
  for (const cidr of good) assert.ok(valid(cidr), cidr);
  for (const cidr of bad) hold(`cidr ${cidr}`, !valid(cidr), () => 'is taken', differing);
  const count = good.length + bad.length;
  t.diagnostic(`${count - differing.length} of ${count} ranges agree; ${differing.length} defended`);
});

test('which directions become isolated', (t) => {
  const { cases } = json<{
    cases: readonly { spec: object; ingressDefaultDeny: boolean; egressDefaultDeny: boolean }[];
  }>('default-deny.json');
  for (const { spec, ingressDefaultDeny, egressDefaultDeny } of cases) {
    const { isolates } = modelOf(policy(JSON.stringify(spec)));
    assert.deepEqual(
      [isolates.includes('ingress'), isolates.includes('egress')],
      [ingressDefaultDeny, egressDefaultDeny],
      JSON.stringify(spec),
    );
  }
  t.diagnostic(`${cases.length} of ${cases.length} cases agree`);
});

test('entities, and the reserved labels that stand for them, read as entities', (t) => {
  const { cases } = json<{ cases: readonly { entity: string; labels: readonly string[] }[] }>('entities.json');
  let read = 0;
  for (const entity of new Set(cases.map((each) => each.entity))) {
    const [peer] =
      modelOf(policy(`endpointSelector: {}\n  ingress:\n  - fromEntities: [${entity}]`)).rules[0]?.peers ?? [];
    assert.ok(peer?.kind === 'entity' && peer.entity === entity && !peer.uncertain, entity);
    read++;
  }
  for (const [label, ...others] of cases.map(({ labels }) => labels)) {
    if (others.length > 0 || label?.startsWith('reserved:') !== true || label === 'reserved:none') continue;
    const spec = `endpointSelector: {}\n  ingress:\n  - fromEndpoints: [{matchLabels: {"${label}": ""}}]`;
    const [peer] = modelOf(policy(spec)).rules[0]?.peers ?? [];
    assert.ok(peer?.kind === 'entity' && `reserved:${peer.entity}` === label && !peer.uncertain, label);
    read++;
  }
  t.diagnostic(`${read} entities and labels`);
});

test('policies of real projects: only what is defended is refused, and nothing throws', (t) => {
  const cases = json<readonly { file: string }[]>('real/index.json');
  let objects = 0;
  const refused: string[] = [];
  for (const { file } of cases) {
    const found = resources(file, text(`real/${file}`));
    objects += found.length;
    const all = errors(found);
    if (all.length === 0) continue;
    refused.push(file);
    assert.ok(file in refusedOfReal, `${file}: ${all.join('\n')}`);
  }
  assert.deepEqual(refused.sort(), Object.keys(refusedOfReal).sort());
  t.diagnostic(`${cases.length} files, ${objects} objects; ${refused.length} files refused and defended`);
});

test('half of a policy gives what it can, and never throws', (t) => {
  let count = 0;
  for (const name of readdirSync(join(corpus, 'examples'))) {
    const lines = text(`examples/${name}`).split('\n');
    for (let end = 1; end <= lines.length; end++) {
      const last = lines[end - 1] ?? '';
      const cut = end % 2 === 0 ? last : last.slice(0, last.length / 2);
      errors(resources(name, [...lines.slice(0, end - 1), cut].join('\n')));
      count++;
    }
  }
  t.diagnostic(`${count} beginnings`);
});

test('the schemas take what is valid', (t) => {
  const schemas = new Map<string, ValidateFunction>();
  let count = 0;
  for (const folder of ['examples', 'connectivity']) {
    for (const name of readdirSync(join(corpus, folder))) {
      const written = text(`${folder}/${name}`);
      const kinds = resources(name, written).map(({ kind }) => kind);
      if (written.includes('{{') || `${folder}/${name}` in differences) continue;
      const documents = parseAllDocuments(written).map((document) => document.toJS());
      const objects = documents.filter((each) => typeof each?.kind === 'string' && each.kind.startsWith('Cilium'));
      for (const [place, object] of objects.entries()) {
        const kind = kinds[place];
        assert.ok(kind !== undefined && kind.kind === object.kind);
        const validate = schemas.get(kind.kind) ?? new Ajv2020({ allowUnionTypes: true }).compile(jsonSchemaOf(kind));
        schemas.set(kind.kind, validate);
        assert.ok(validate(object), `${name}: ${JSON.stringify(validate.errors)}`);
        count++;
      }
    }
  }
  t.diagnostic(`${count} objects`);
});

function policy(spec: string): readonly Resource[] {
  return resources(
    'p.yaml',
    `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  ${spec}\n`,
  );
}

function modelOf([resource]: readonly Resource[]): Policy {
  assert.ok(resource?.object?.type === 'policy');
  return resource.object.value;
}

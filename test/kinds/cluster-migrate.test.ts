import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isSuperseded, type Migration, migrateToClusterNetworkPolicy } from '#server/kinds/cluster/migrate.js';
import { resourcesOf } from '#server/kinds/index.js';
import type { Resource } from '#server/kinds/kind.js';
import type { Policy } from '#server/model/policy.js';
import { documentOf } from '#server/text/document.js';
import { applyEdits } from '#server/text/edits.js';
import { SourceFile } from '#server/text/file.js';

function resourceOf(text: string, uri = 'file:///a.yaml'): Resource {
  const [resource] = resourcesOf(documentOf(uri, text));
  assert.ok(resource, text);
  return resource;
}

function policyOf(resource: Resource): Policy {
  assert.ok(resource.object?.type === 'policy');
  return resource.object.value;
}

/** The document after the migration; undefined where it is refused. */
function migrated(resource: Resource, migration: Migration): string | undefined {
  return (
    migration.changes &&
    applyEdits(
      resource.node.document.text,
      migration.changes.map((change) => {
        assert.ok(change.kind === 'edit');
        return { range: change.edit.span.range, newText: change.edit.newText };
      }),
    )
  );
}

function migrate(text: string, uri?: string): string {
  const resource = resourceOf(text, uri);
  const migration = migrateToClusterNetworkPolicy(resource);
  assert.ok(migration);
  const after = migrated(resource, migration);
  assert.ok(after !== undefined, migration.notes.join(' '));
  return after;
}

function refusal(text: string): string {
  const migration = migrateToClusterNetworkPolicy(resourceOf(text));
  assert.ok(migration);
  assert.equal(migration.changes, undefined);
  return migration.notes.join(' ');
}

/** What a policy means, without its places in the text, its kind, and a baseline's priority, which v1alpha1 lacks. */
function meaning(policy: Policy): unknown {
  const places = new Set(['at', 'body', 'kindAt', 'portAt', 'protocolAt', 'endPortAt', 'keyAt', 'isolatesAt', 'kind']);
  const { tier, priority } = policy.order;
  const plain = (value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Map) return plain([...value]);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key, inner]) => !places.has(key) && inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
  };
  return [
    plain({ ...policy, order: { tier, ...(tier === 'admin' ? { priority } : {}) } }),
    policy.rules.map(({ peers }) => peers.map(({ kind }) => kind)),
  ];
}

const anp = (spec: string) => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: a
spec:
  priority: 5
  subject:
    namespaces: {}
${spec}`;

describe('a migrated policy means the same', () => {
  const folder = fileURLToPath(new URL('../../corpus/cluster-policies/', import.meta.url));
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
    test(name, () => {
      const file = SourceFile.of(`file:///${name}`, readFileSync(folder + name, 'utf8'));
      const counts = { migrated: 0, refused: 0 };
      for (const { document } of file.documents) {
        for (const resource of resourcesOf(document).filter(isSuperseded)) {
          const migration = migrateToClusterNetworkPolicy(resource);
          assert.ok(migration);
          const after = migrated(resource, migration);
          if (after === undefined) {
            counts.refused++;
            assert.match(migration.notes.join(), /mend that first/, document.text);
            const problems = resource.kind.check?.(resource.node, { kubernetesVersion: undefined }) ?? [];
            assert.ok(problems.some(({ severity }) => severity === undefined) || policyOf(resource).uncertain);
            continue;
          }
          counts.migrated++;
          const next = resourceOf(after);
          assert.equal(next.kind.kind, 'ClusterNetworkPolicy');
          const errors = next.kind.check?.(next.node, { kubernetesVersion: undefined }) ?? [];
          assert.deepEqual(
            errors.filter(({ severity }) => severity === undefined).map(({ message }) => message),
            [],
            after,
          );
          assert.deepEqual(meaning(policyOf(next)), meaning(policyOf(resource)), after);
          // Comments stay, and what the migration is not about stays letter by letter.
          for (const [comment] of document.text.matchAll(/(?<=^|\s)#.*$/gm)) {
            assert.ok(after.includes(comment.trimEnd()), `${comment} is lost in\n${after}`);
          }
          for (const line of document.text.split('\n')) {
            if (
              /action: ["']?Allow|ports:|portNumber|portRange|namedPort|protocol:|port:|start:|end:|apiVersion|kind:/i.test(
                line,
              )
            ) {
              continue;
            }
            assert.ok(after.includes(line), `${line} is lost in\n${after}`);
          }
        }
      }
      const least: Record<string, number> = {
        'np-guard.yaml': 50,
        'documentation.yaml': 4,
        'policy-assistant.yaml': 3,
      };
      assert.ok(counts.migrated >= (least[name] ?? 0), JSON.stringify(counts));
    });
  }
});

test('every kind of port, in block style, with comments', () => {
  assert.equal(
    migrate(`# of the team
apiVersion: "policy.networking.k8s.io/v1alpha1" # old
kind: AdminNetworkPolicy
metadata:
  name: a
spec:
  # first of all
  priority: 5
  subject:
    namespaces: {}
  egress:
  - name: out # a name
    action: 'Allow'
    to:
    - pods: {namespaceSelector: {}, podSelector: {}} # everyone
    ports: # these
    - portNumber: # web
        protocol: TCP # by habit
        port: 80 # http
    - portNumber:
        port: 8080
    # a range
    - portRange:
        protocol: UDP
        start: 1
        end: 9
    - portRange: {protocol: SCTP, start: 7, end: 7}
    - namedPort: dns # by name
  - action: Pass
    to:
    - namespaces: {}
`),
    `# of the team
apiVersion: "policy.networking.k8s.io/v1alpha2" # old
kind: ClusterNetworkPolicy
metadata:
  name: a
spec:
  # first of all
  tier: Admin
  priority: 5
  subject:
    namespaces: {}
  egress:
  - name: out # a name
    action: 'Accept'
    to:
    - pods: {namespaceSelector: {}, podSelector: {}} # everyone
    protocols: # these
    - tcp: # web # by habit
        destinationPort:
          number: 80 # http
    - tcp:
        destinationPort:
          number: 8080
    # a range
    - udp:
        destinationPort:
          range:
            start: 1
            end: 9
    - sctp: {destinationPort: {number: 7}}
    - destinationNamedPort: dns # by name
  - action: Pass
    to:
    - namespaces: {}
`,
  );
});

test('the baseline gets its tier, and the last priority', () => {
  const text = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}]
`;
  assert.equal(
    migrate(text),
    `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: default}
spec:
  tier: Baseline
  priority: 1000
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 1}}}]}]
`,
  );
  assert.match(migrateToClusterNetworkPolicy(resourceOf(text))?.notes.join() ?? '', /priority 1000/);
});

test('JSON stays JSON, and CRLF stays CRLF', () => {
  const object = {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'BaselineAdminNetworkPolicy',
    metadata: { name: 'default' },
    spec: {
      subject: { namespaces: {} },
      egress: [{ action: 'Allow', to: [{ namespaces: {} }], ports: [{ portRange: { start: 1, end: 2 } }] }],
    },
  };
  for (const indent of [undefined, 2]) {
    const after: unknown = JSON.parse(migrate(JSON.stringify(object, null, indent), 'file:///a.json'));
    assert.deepEqual(after, {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'default' },
      spec: {
        tier: 'Baseline',
        priority: 1000,
        subject: { namespaces: {} },
        egress: [
          {
            action: 'Accept',
            to: [{ namespaces: {} }],
            protocols: [{ tcp: { destinationPort: { range: { start: 1, end: 2 } } } }],
          },
        ],
      },
    });
  }
  const crlf = anp(`  ingress:
    - action: Allow
      from:
        - namespaces: {}
      ports:
        - portNumber:
            port: 1
`);
  assert.equal(migrate(crlf.replaceAll('\n', '\r\n')), migrate(crlf).replaceAll('\n', '\r\n'));
});

test('what has no equivalent is refused, and the note says why', () => {
  const rule = (ports: string, from = '[{namespaces: {}}]') =>
    anp(`  ingress:\n    - {action: Allow, from: ${from}, ports: ${ports}}\n`);
  const many = (count: number, item: (index: number) => string) =>
    `[${Array.from({ length: count }, (_, i) => item(i))}]`;
  assert.match(refusal(rule('[{portNumber: {protocol: ICMP, port: 8}}]')), /no protocol "ICMP"/);
  assert.match(refusal(rule('[{portRange: {start: 9, end: 8}}]')), /reversed/);
  assert.match(refusal(rule(many(26, (i) => `{portNumber: {port: ${i + 1}}}`))), /`ports` has more than 25/);
  assert.match(
    refusal(
      rule(
        '[{namedPort: a}]',
        many(26, () => '{namespaces: {}}'),
      ),
    ),
    /`from` has more than 25/,
  );
  assert.match(
    refusal(anp(`  egress: ${many(26, () => '{action: Deny, to: [{namespaces: {}}]}')}\n`)),
    /more than 25 egress rules/,
  );
  assert.match(refusal(anp('  ingress: [{action: allow, from: [{namespaces: {}}]}]\n')), /mend that first/);
  assert.match(refusal(anp('  ingress: [{action: {{ .Values.action }}, from: [{namespaces: {}}]}]\n')), /mend that/);
  assert.match(
    refusal(
      anp(
        '  ingress: [{action: Allow, from: &f [{namespaces: {}}], ports: &p [{namedPort: a}]}]\n  egress: [{action: Allow, to: *f, ports: *p}]\n',
      ),
    ),
    /rewrite it by hand/,
  );
  const list = (kind: string) =>
    `apiVersion: v1\nkind: ${kind}\nitems:\n  - ${anp('').trimEnd().replaceAll('\n', '\n    ')}\n`;
  assert.match(refusal(list('AdminNetworkPolicyList')), /typed list/);
  assert.match(migrate(list('List')), /kind: ClusterNetworkPolicy/);
});

test('other kinds are not migrated', () => {
  const text = migrate(anp(''));
  assert.equal(migrateToClusterNetworkPolicy(resourceOf(text)), undefined);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AppliedPolicy, type Cluster, clusterOf } from '#server/engine/cluster.js';
import { endNamed, targetsOf } from '#server/engine/endpoints.js';
import { explain, type Part, type Side } from '#server/engine/explain.js';
import type { NearMiss, Reason } from '#server/engine/near-misses.js';
import { type Endpoint, portsOn, ruleTakes, selectsPods } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { reasonWords } from '#server/features/explain/reason-words.js';
import { allAddresses, union as joinAddresses } from '#server/model/addresses.js';
import type { NamespaceMatch, Peer } from '#server/model/peer.js';
import type { Policy, Rule } from '#server/model/policy.js';
import {
  allPorts,
  intersect,
  isEmpty,
  type PortSet,
  ports as portsOf,
  printPorts,
  union,
} from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { everything, type Selector } from '#server/model/selector.js';
import { Netpol } from '#server/service.js';
import { arbitraryCase, manifestsText } from '../reference/arbitrary.js';
import { clusterOf as referenceClusterOf } from '../reference/objects.js';
import { verdict } from '../reference/verdict.js';

async function clusterFrom(text: string): Promise<Cluster> {
  const uri = 'file:///w/all.yaml';
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///w']);
  return clusterOf(netpol.workspace.index.scopes, { profile: defaultProfile, unset: 'default' });
}

function endOf(cluster: Cluster, name: string): Endpoint {
  const found = endNamed(cluster, name);
  assert.ok('ends' in found, 'problem' in found ? found.problem : '');
  const [end, ...others] = found.ends;
  assert.ok(end !== undefined && others.length === 0, name);
  return end;
}

/** Random clusters. */

test('explain says what the judge says, and credits what the reference credits', async () => {
  let credits = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async ({ objects, queries }) => {
      const cluster = await clusterFrom(manifestsText(objects));
      const reference = referenceClusterOf(objects);
      const judge = new Judge(cluster);
      for (const query of queries) {
        const [from, to] = [endOf(cluster, query.from), endOf(cluster, query.to)];
        const asked = portsOf(query.protocol, query.port);
        const parts = explain(cluster, from, to, asked);
        const [part] = parts;
        assert.ok(part !== undefined && parts.length === 1);
        const wanted = verdict(reference, query, { addressesMatchPods: 'networks' });
        assert.equal(part.allowed, wanted.allowed, JSON.stringify(query));
        if (query.from !== query.to) {
          const passing = judge.table.setOf(judge.between(from, to));
          assert.equal(part.allowed, !isEmpty(intersect(passing, asked)));
        }
        for (const side of [part.egress, part.ingress]) {
          const expected = wanted[side.direction];
          assert.equal(side.allowed, expected.allowed, `${side.direction} ${JSON.stringify(query)}`);
          if (query.from !== query.to) {
            const cited = decisionsOf(side);
            credits += cited.length;
            assert.deepEqual(cited, [...expected.decidedBy].map(decisionWords).sort(), JSON.stringify(query));
          }
          assertCited(cluster, side, part);
          if (!side.allowed) for (const miss of side.nearest) assertMends(cluster, miss, part, side);
        }
      }
    }),
    { numRuns: 100, includeErrorInReport: true },
  );
  assert.ok(credits > 100, 'the clusters were too empty to tell anything');
});

test('the parts of all ports are disjoint, cover everything and keep to the judge', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async ({ objects, queries }) => {
      const cluster = await clusterFrom(manifestsText(objects));
      const judge = new Judge(cluster);
      for (const { from: source, to: destination } of queries.slice(0, 6)) {
        if (source === destination) continue;
        const [from, to] = [endOf(cluster, source), endOf(cluster, destination)];
        const parts = explain(cluster, from, to);
        let seen: PortSet = { byProtocol: new Map(), named: [] };
        let allowed = seen;
        for (const part of parts) {
          assert.ok(isEmpty(intersect(seen, part.ports)), 'disjoint');
          seen = union(seen, part.ports);
          if (part.allowed) allowed = union(allowed, part.ports);
        }
        assert.equal(printPorts(seen), 'every port');
        assert.equal(printPorts(allowed), printPorts(judge.table.setOf(judge.between(from, to))));
      }
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
});

test('what is certain holds whatever a template writes', async () => {
  let certain = 0;
  let doubtful = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryCase, fc.nat(999), async ({ objects, queries }, place) => {
      const known = await clusterFrom(manifestsText(objects));
      const text = manifestsText(withTemplate(objects, place));
      const templated = await clusterFrom(text);
      for (const query of queries) {
        const asked = portsOf(query.protocol, query.port);
        const [wanted] = explain(known, endOf(known, query.from), endOf(known, query.to), asked);
        const [found] = explain(templated, endOf(templated, query.from), endOf(templated, query.to), asked);
        assert.ok(wanted !== undefined && found !== undefined);
        if (found.certain) {
          certain++;
          if (wanted.certain) assert.equal(found.allowed, wanted.allowed, `${JSON.stringify(query)}\n${text}`);
        } else doubtful++;
      }
    }),
    { numRuns: 80, includeErrorInReport: true },
  );
  assert.ok(certain > 50 && doubtful > 50, `${certain} certain and ${doubtful} doubtful answers`);
});

/** The objects with one value of a policy, or one label of the pods, written by a template. */
function withTemplate(objects: readonly object[], place: number): readonly object[] {
  const copy = structuredClone(objects) as Record<string, unknown>[];
  const leaves: (() => void)[] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    const map = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(map)) {
      if (typeof value === 'object') visit(value);
      else {
        leaves.push(() => {
          map[key] = '{{ .x }}';
        });
      }
    }
  };
  for (const object of copy) {
    const metadata = object.metadata as Record<string, unknown>;
    if (String(object.kind).endsWith('Policy')) visit(object.spec);
    else if (object.kind === 'Pod') visit(metadata.labels);
  }
  leaves[place % Math.max(1, leaves.length)]?.();
  return copy;
}

/** What the last layer that is asked says, in the words of the reference. */
function decisionsOf({ layers }: Side): readonly string[] {
  const deciding = layers.find(({ outcome }) => outcome === 'allows' || outcome === 'denies');
  return (deciding?.because ?? [])
    .map(({ policy: { placed, namespace }, rule }) =>
      decisionWords({
        policy: `${placed.value.kind} ${namespace === undefined ? '' : `${namespace.name}/`}${placed.value.name}`,
        rule: rule?.index,
      }),
    )
    .sort();
}

function decisionWords({ policy, rule }: { readonly policy: string; readonly rule: number | undefined }): string {
  return `${policy} ${rule ?? 'isolates'}`;
}

/** What is cited is true: the rules select, take in and open; the policies isolate. */
function assertCited(cluster: Cluster, side: Side, part: Part): void {
  const [own, other] = side.direction === 'egress' ? [part.from, part.to] : [part.to, part.from];
  for (const layer of side.layers) {
    for (const { policy, rule, peer } of layer.because) {
      assert.ok(own.kind === 'pods' && selectsPods(policy, own.pods) === 'yes');
      if (rule === undefined) {
        assert.ok(policy.placed.value.isolates.includes(side.direction));
        continue;
      }
      assert.equal(ruleTakes(cluster, { policy, rule }, other), 'yes');
      assert.ok(peer !== undefined && rule.peers.includes(peer));
      assert.ok(!isEmpty(intersect(resolved(rule, part), part.ports)));
    }
  }
}

/** With all reasons mended the rule matches; with one of them left it does not. */
function assertMends(cluster: Cluster, miss: NearMiss, part: Part, side: Side): void {
  assert.ok(isMatch(cluster, mended(miss, miss.reasons, part, side), part, side), 'mended');
  for (const left of miss.reasons) {
    const others = miss.reasons.filter((reason) => reason !== left);
    const words = reasonWords(left, miss.rule, part, side);
    assert.ok(!isMatch(cluster, mended(miss, others, part, side), part, side), `not a reason: ${words}`);
  }
}

function isMatch(cluster: Cluster, policy: AppliedPolicy, part: Part, side: Side): boolean {
  const [rule] = policy.placed.value.rules;
  const [own, other] = side.direction === 'egress' ? [part.from, part.to] : [part.to, part.from];
  assert.ok(rule !== undefined && own.kind === 'pods');
  const { order, isolates } = policy.placed.value;
  return (
    selectsPods(policy, own.pods) === 'yes' &&
    ruleTakes(cluster, { policy, rule }, other) === 'yes' &&
    (order.tier !== 'namespaced' || isolates.includes(side.direction)) &&
    !isEmpty(intersect(resolved(rule, part), part.ports))
  );
}

function resolved(rule: Rule, part: Part): PortSet {
  return portsOn(rule.ports, part.to.kind === 'pods' ? part.to.pods.ports : []);
}

/** The policy with only this rule and this peer, without what the reasons name. */
function mended(miss: NearMiss, reasons: readonly Reason[], part: Part, side: Side): AppliedPolicy {
  const { policy, rule } = miss.rule;
  let value: Policy = policy.placed.value;
  let peer: Peer = miss.peer;
  let ports = rule.ports;
  for (const reason of reasons) {
    const ofSubject = 'on' in reason && reason.on === 'subject';
    if (ofSubject) value = { ...value, subject: withoutReason(value.subject, reason) };
    else if (reason.kind === 'ports') ports = union(ports, part.ports);
    else if (reason.kind === 'direction not listed')
      value = { ...value, isolates: [...value.isolates, side.direction] };
    else if (reason.kind === 'peer kind' || reason.kind === 'not known')
      peer = { kind: 'anything', uncertain: false, at: peer.at };
    else if (reason.kind === 'address' && peer.kind === 'addresses')
      peer = { ...peer, addresses: joinAddresses(peer.addresses, allAddresses) };
    else if (peer.kind === 'pods') peer = withoutReason(peer, reason);
  }
  return {
    ...policy,
    placed: { ...policy.placed, value: { ...value, rules: [{ ...rule, peers: [peer], ports }] } },
  };
}

function withoutReason<T extends { namespaces: NamespaceMatch; pods: Selector }>(chosen: T, reason: Reason): T {
  if (reason.kind === 'other namespace') return { ...chosen, namespaces: { own: false, selector: everything } };
  if (reason.kind !== 'label') return chosen;
  if (reason.of === 'pods') return { ...chosen, pods: without(chosen.pods, reason.wanted) };
  if (chosen.namespaces.own) return chosen;
  return { ...chosen, namespaces: { own: false, selector: without(chosen.namespaces.selector, reason.wanted) } };
}

function without(selector: Selector, term: Selector): Selector {
  if (selector === term) return everything;
  return selector.op === 'And' ? { op: 'And', terms: selector.terms.filter((each) => each !== term) } : selector;
}

/** Each reason in words. */

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: shop, labels: {app: host}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: tool, namespace: ops, labels: {app: web, role: back}}
spec: {containers: [{name: c, image: i}]}
`;

function ingressOf(rules: string, types = 'Ingress', more = ''): string {
  return `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [${types}]
  ingress: ${rules}
${more}`;
}

interface ReasonCase {
  readonly manifests: string;
  readonly from?: string;
  readonly to?: string;
  readonly protocol?: 'TCP' | 'UDP';
  readonly words: readonly string[];
}

const reasonCases: Readonly<Record<string, ReasonCase>> = {
  'a label differs': {
    manifests: ingressOf('[{from: [{podSelector: {matchLabels: {app: wbe}}}]}]'),
    words: ['it wants pods with app=wbe; shop/web[Pod] has app=web'],
  },
  'a label is missing': {
    manifests: ingressOf('[{from: [{podSelector: {matchLabels: {app: web, role: front}}}]}]'),
    words: ['it wants pods with role=front; shop/web[Pod] has no label role'],
  },
  'a label is excluded': {
    manifests: ingressOf('[{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]'),
    words: ['it wants pods with app not in (web); shop/web[Pod] has app=web'],
  },
  'the nearest of several peers counts': {
    manifests: ingressOf(
      '[{from: [{podSelector: {matchLabels: {app: x, role: front}}}, {podSelector: {matchLabels: {app: z}}}]}]',
    ),
    words: ['it wants pods with app=z; shop/web[Pod] has app=web'],
  },
  'a port outside': {
    manifests: ingressOf('[{ports: [{port: 80}, {port: 90, endPort: 95}]}]'),
    words: ['it opens TCP 80 and 90-95, not TCP 8080'],
  },
  'another protocol': {
    manifests: ingressOf('[{ports: [{port: 8080}]}]'),
    protocol: 'UDP',
    words: ['it opens TCP 8080: another protocol than UDP 8080'],
  },
  'a port name that nothing declares': {
    manifests: ingressOf('[{ports: [{port: metrics}]}]'),
    words: ['it opens the port named metrics, which no container of shop/api[Pod] declares for that protocol'],
  },
  'a namespace without the label': {
    manifests: ingressOf('[{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]'),
    from: 'ops/tool',
    words: ['it wants namespaces with team=a; namespace ops has no label team as far as these manifests tell'],
  },
  'a namespace with another label': {
    manifests: ingressOf('[{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]'),
    words: ['it wants namespaces with team=b; namespace shop has team=a'],
  },
  'a pod selector alone': {
    manifests: ingressOf('[{from: [{podSelector: {matchLabels: {app: web}}}]}]'),
    from: 'ops/tool',
    words: ["podSelector alone means pods of the policy's own namespace, shop, and ops/tool[Pod] is in ops"],
  },
  'two reasons at once': {
    manifests: ingressOf('[{from: [{podSelector: {matchLabels: {app: wbe}}}], ports: [{port: 80}]}]'),
    words: ['it wants pods with app=wbe; shop/web[Pod] has app=web', 'it opens TCP 80, not TCP 8080'],
  },
  'a direction that is not listed': {
    manifests: ingressOf('[{from: [{podSelector: {}}]}]', 'Egress'),
    words: ['policyTypes does not list Ingress, so the rule has no effect'],
  },
  'a block for pods': {
    manifests: ingressOf('[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]'),
    words: [
      'its block is taken to be about addresses outside of the cluster; some network plugins match pods by it as well (`cni` in .netpol.yaml says which is yours)',
    ],
  },
  'an address outside of the block': {
    manifests: ingressOf('[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]'),
    from: '11.0.0.1',
    words: ['the block 10.0.0.0/8 does not hold 11.0.0.1'],
  },
  'an address in an except': {
    manifests: ingressOf('[{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]'),
    from: '10.1.2.3',
    words: ['10.1.2.3 is in the except of 10.0.0.0/8'],
  },
  'selectors for addresses': {
    manifests: ingressOf('[{from: [{podSelector: {}}]}]'),
    from: '10.1.2.3',
    words: ['its selectors match pods, never addresses outside of the cluster'],
  },
  'selectors for host-network pods': {
    manifests: ingressOf('[{from: [{podSelector: {}}]}]'),
    from: 'shop/host',
    words: ['its selectors match pods, and pods on their node’s network look like the node'],
  },
  'a rule that is not asked': {
    manifests: ingressOf(
      '[{from: [{podSelector: {}}]}]',
      'Ingress',
      `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress: [{name: stop, action: Deny, from: [{namespaces: {}}]}]
`,
    ),
    words: [],
  },
  'a subject with a typo': {
    manifests: ingressOf(
      '[]',
      'Ingress',
      `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: typo, namespace: shop}
spec: {podSelector: {matchLabels: {app: apii}}, policyTypes: [Ingress], ingress: [{}]}
`,
    ),
    words: ['the policy selects pods with app=apii; shop/api[Pod] has app=api'],
  },
  'a policy in the wrong namespace': {
    manifests: ingressOf(
      '[]',
      'Ingress',
      `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: astray, namespace: ops}
spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{}]}
`,
    ),
    words: ['it is about pods of its own namespace, ops, and these are in shop'],
  },
  'a template': {
    manifests: ingressOf('[{from: [{podSelector: {matchLabels: {app: "{{ .Values.app }}"}}}]}]'),
    words: [
      'whether shop/web[Pod] is a peer of this ingress rule is not known: part of it is written by a template, cannot be read or is looked up elsewhere',
    ],
  },
};

describe('why a rule does not match', () => {
  for (const [name, { manifests, from = 'shop/web', to = 'shop/api', protocol = 'TCP', words }] of Object.entries(
    reasonCases,
  )) {
    test(name, async () => {
      const cluster = await clusterFrom(manifests);
      const ends = [endOf(cluster, from), endOf(cluster, to)] as const;
      const [part, ...others] = explain(cluster, ...ends, portsOf(protocol, 8080));
      assert.ok(part !== undefined && others.length === 0);
      assert.equal(part.allowed, false);
      const [nearest] = part.ingress.nearest;
      assert.ok(nearest !== undefined, 'no rule comes near');
      assert.deepEqual(
        nearest.reasons.map((reason) => reasonWords(reason, nearest.rule, part, part.ingress)),
        words,
      );
    });
  }
});

test('policies that are about other pods on purpose are not near', async () => {
  const cluster = await clusterFrom(`${ingressOf('[]')}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: postgres, namespace: shop}
spec: {podSelector: {matchLabels: {app: postgres}}, policyTypes: [Ingress], ingress: [{}]}
`);
  const [part] = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'));
  assert.deepEqual(part?.ingress.nearest, []);
});

test('nearest first: fewer reasons, then the port asked about', async () => {
  const cluster = await clusterFrom(
    ingressOf(`
    - {from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 80}]}
    - {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}
    - {from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 8080}]}`),
  );
  const [part] = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'), portsOf('TCP', 8080));
  assert.deepEqual(
    part?.ingress.nearest.map(({ rule }) => rule.rule.index),
    [2, 1, 0],
  );
});

/** What is special. */

test('a layer that decides keeps those behind it from being asked; what passes is handed on', async () => {
  const cluster = await clusterFrom(
    ingressOf(
      '[{ports: [{port: 8080}]}]',
      'Ingress',
      `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress:
    - {name: hand-on, action: Pass, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 8080}}]}
    - {name: stop, action: Deny, from: [{namespaces: {}}]}
`,
    ),
  );
  const parts = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'));
  assert.deepEqual(
    parts.map(({ ports, allowed, ingress }) => [
      printPorts(ports),
      allowed,
      ...ingress.layers.map(({ tier, outcome, because }) => [tier, outcome, ...because.map(({ rule }) => rule?.name)]),
    ]),
    [
      ['TCP 8080', true, ['admin', 'passes', 'hand-on'], ['namespaced', 'allows', undefined]],
      ['every port except TCP 8080', false, ['admin', 'denies', 'stop'], ['namespaced', 'not asked']],
    ],
  );
});

test('a pod reaches itself, whatever the policies say', async () => {
  const cluster = await clusterFrom(ingressOf('[]'));
  const end = endOf(cluster, 'shop/api');
  const [part] = explain(cluster, end, end, portsOf('TCP', 8080));
  assert.deepEqual([part?.allowed, part?.certain, part?.ingress.judged], [true, true, 'itself']);
});

test('of host-network pods only what no policy could stop is certain', async () => {
  const cluster = await clusterFrom(ingressOf('[{from: [{podSelector: {matchLabels: {app: host}}}]}]'));
  const about = (from: string, to: string) => {
    const [part] = explain(cluster, endOf(cluster, from), endOf(cluster, to), portsOf('TCP', 8080));
    return [part?.allowed, part?.certain];
  };
  // As an ordinary pod it would be let in; as its node it is not.
  assert.deepEqual(about('shop/host', 'shop/api'), [false, false]);
  // The namespace's default-deny might be about it, and might not.
  assert.deepEqual(about('shop/web', 'shop/host'), [true, false]);
  assert.deepEqual(about('shop/host', 'ops/tool'), [true, true]);
});

describe('nothing is certain where a template decides', () => {
  const cases: Readonly<Record<string, readonly [string, boolean, boolean]>> = {
    'a peer that may match': [ingressOf('[{from: [{podSelector: {matchLabels: {app: "{{ .x }}"}}}]}]'), false, false],
    'a peer that may match, beside one that does': [
      ingressOf('[{from: [{podSelector: {matchLabels: {app: "{{ .x }}"}}}]}, {}]'),
      true,
      true,
    ],
    'ports that may be more': [ingressOf('[{ports: [{port: 80}, {port: "{{ .x }}"}]}]'), false, false],
    'a rule that surely has another peer': [
      ingressOf('[{from: [{podSelector: {matchLabels: {app: api, role: "{{ .x }}"}}}]}]'),
      false,
      false,
    ],
    'a direction that may be isolated': [
      `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress, "{{ .x }}"], egress: [{}]}
`,
      true,
      false,
    ],
    'a policy that may select': [
      `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {matchLabels: {app: "{{ .x }}"}}, policyTypes: [Ingress]}
`,
      true,
      false,
    ],
    'a policy that may select, and would keep the baseline from being asked': [
      `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {matchLabels: {app: "{{ .x }}"}}, policyTypes: [Ingress], ingress: [{}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec: {subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}
`,
      false,
      false,
    ],
    'a policy that may isolate, and would allow what the baseline denies': [
      `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress, "{{ .x }}"], ingress: [{}], egress: [{}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec: {subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}
`,
      false,
      false,
    ],
    'an admin policy of unknown priority': [
      `${shop}---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: stop}
spec: {priority: "{{ .x }}", subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: go}
spec: {priority: 5, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]}
`,
      true,
      false,
    ],
    'an admin rule that may pass, before one that allows': [
      `${shop.replace('labels: {app: web}', 'labels: {app: web, role: "{{ .x }}"}')}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress:
    - {action: Pass, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {role: front}}}}]}
    - {action: Allow, from: [{namespaces: {}}]}
`,
      true,
      false,
    ],
  };
  for (const [name, [manifests, allowed, certain]] of Object.entries(cases)) {
    test(name, async () => {
      const cluster = await clusterFrom(manifests);
      const [part] = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'), portsOf('TCP', 8080));
      assert.deepEqual([part?.allowed, part?.certain], [allowed, certain]);
      if (!certain) assert.ok((part?.ingress.unclear.length ?? 0) > 0, 'it says which policy is unclear');
    });
  }
});

test('addresses are cut where blocks begin and end, and joined where the same rules decide', async () => {
  const cluster = await clusterFrom(
    ingressOf('[{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 8080}]}]'),
  );
  const parts = explain(cluster, endOf(cluster, 'internet'), endOf(cluster, 'shop/api'), portsOf('TCP', 8080));
  assert.deepEqual(
    parts.map(({ from, allowed }) => [allowed, from.kind === 'addresses' && from.addresses.v4.length]),
    [
      [true, 2],
      [false, 3],
    ],
  );
});

/** Names. */

const services = `${shop}---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, clusterIP: 10.96.0.10, ports: [{name: web, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ops}
spec: {selector: {matchLabels: {app: other}}, template: {metadata: {labels: {app: other}}, spec: {containers: [{name: c, image: i}]}}}
`;

describe('ends are found by the names that people use', () => {
  const names: Readonly<Record<string, string>> = {
    'shop/api': 'shop/api[Pod]',
    api: 'shop/api[Pod]',
    'shop/api[Pod]': 'shop/api[Pod]',
    'pod/api': 'shop/api[Pod]',
    'po/shop/api': 'shop/api[Pod]',
    'deploy/web': 'ops/web[Deployment]',
    'deployments/ops/web': 'ops/web[Deployment]',
    'web[Deployment]': 'ops/web[Deployment]',
    'svc/shop/api': 'svc/shop/api',
    'service/api': 'svc/shop/api',
    '10.96.0.10': 'svc/shop/api',
    '10.0.0.0/8': '10.0.0.0/8',
    '::1': '::1',
    internet: 'any address outside of the cluster',
  };
  for (const [text, name] of Object.entries(names)) {
    test(text, async () => {
      const found = endNamed(await clusterFrom(services), text);
      assert.equal('problem' in found ? found.problem : found.name, name);
    });
  }

  const problems: Readonly<Record<string, string>> = {
    web: '"web" may be shop/web[Pod] and ops/web[Deployment]: say which.',
    'shop/apy': 'there is no workload "shop/apy" here; did you mean shop/api[Pod]?',
    'ops/api': 'there is no workload "ops/api" here; there is shop/api[Pod]',
    'svc/shop/x':
      'there is no workload "svc/shop/x" here; there are shop/web[Pod], shop/api[Pod], shop/host[Pod], ops/tool[Pod] and ops/web[Deployment]',
  };
  for (const [text, problem] of Object.entries(problems)) {
    test(`not ${text}`, async () => {
      const found = endNamed(await clusterFrom(services), text);
      assert.equal('problem' in found ? found.problem : found.name, problem);
    });
  }

  test('a name in several namespaces is that of the namespace that is asked for', async () => {
    const found = endNamed(await clusterFrom(services), 'web', 'shop');
    assert.equal('name' in found && found.name, 'shop/web[Pod]');
  });
});

test('a service leads to its pods on their own ports', async () => {
  const cluster = await clusterFrom(services);
  const service = endNamed(cluster, 'svc/api');
  assert.ok('ends' in service);
  const asked = (port: number | string | undefined) => {
    const found = targetsOf(service, { protocol: undefined, port });
    return 'problem' in found ? found.problem : found.targets.map(({ ports }) => printPorts(ports)).join();
  };
  assert.equal(asked(80), 'TCP 8080');
  assert.equal(asked('web'), 'TCP 8080');
  assert.equal(asked(undefined), 'TCP 8080');
  assert.equal(asked(8080), 'svc/shop/api has no such port; it has TCP 80 (web).');
  const pods = endNamed(cluster, 'shop/api');
  assert.ok('ends' in pods);
  const named = targetsOf(pods, { protocol: undefined, port: 'http' });
  assert.ok('targets' in named && named.targets.every(({ ports }) => printPorts(ports) === 'TCP 8080'));
  const missing = targetsOf(pods, { protocol: undefined, port: 'htpp' });
  assert.equal(
    'problem' in missing && missing.problem,
    'no container of shop/api[Pod] declares a port named "htpp"; there is http.',
  );
});

test('a headless service leaves the ports to its clients, and one may send to a port that nobody declares', async () => {
  const service = (name: string, spec: string) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: api}, ${spec}}
`;
  const cluster = await clusterFrom(
    shop +
      service('direct', 'clusterIP: None, ports: [{port: 80, targetPort: http}]') +
      service('lost', 'ports: [{port: 80, targetPort: htpp}]'),
  );
  const asked = (name: string, port: number | string) => {
    const end = endNamed(cluster, name);
    assert.ok('ends' in end);
    const found = targetsOf(end, { protocol: undefined, port });
    return 'problem' in found ? found.problem : [found.targets.map(({ ports }) => printPorts(ports)), found.notes];
  };
  assert.deepEqual(asked('svc/direct', 9000), [
    ['TCP 9000'],
    ["svc/shop/direct is headless: clients reach its pods on the pods' own ports."],
  ]);
  assert.deepEqual(asked('shop/api', 9000), [['TCP 9000'], []]);
  assert.equal(
    asked('svc/lost', 80),
    'svc/shop/lost sends to a port that no container of its pods declares; there is http.',
  );
});

test('ports are told apart by the rules that decide them', async () => {
  const cluster = await clusterFrom(
    ingressOf('[{ports: [{port: 80}]}, {ports: [{port: 90}]}, {ports: [{port: 100}]}]'),
  );
  const asked = union(union(portsOf('TCP', 80), portsOf('TCP', 90)), portsOf('TCP', 100));
  const parts = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'), asked);
  assert.deepEqual(
    parts.map(({ ports, ingress }) => [
      printPorts(ports),
      ingress.layers.flatMap(({ because }) => because.map(({ rule }) => rule?.index)),
    ]),
    [
      ['TCP 80', [0]],
      ['TCP 90', [1]],
      ['TCP 100', [2]],
    ],
  );
});

test('a rule for these pods comes nearer than one of a policy that misspells them', async () => {
  const cluster = await clusterFrom(`${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a-others, namespace: shop}
spec: {podSelector: {matchLabels: {app: apy}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b-these, namespace: shop}
spec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: wbe}}}]}]}
`);
  const [part] = explain(cluster, endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api'), portsOf('TCP', 8080));
  assert.deepEqual(
    part?.ingress.nearest.map(({ rule }) => rule.policy.placed.value.name),
    ['b-these', 'a-others'],
  );
});

test('nothing is asked about no ports', async () => {
  const cluster = await clusterFrom(shop);
  const [from, to] = [endOf(cluster, 'shop/web'), endOf(cluster, 'shop/api')];
  assert.deepEqual(explain(cluster, from, to, { byProtocol: new Map(), named: [] }), []);
  assert.deepEqual(
    explain(cluster, from, to, allPorts).map(({ allowed, ports }) => [allowed, printPorts(ports)]),
    [[true, 'every port']],
  );
});

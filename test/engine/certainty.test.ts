import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boundsOf } from '#server/engine/certainty.js';
import type { Direction } from '#server/model/policy.js';
import { printPorts } from '#server/model/ports.js';
import { endOf, worldOf } from './repairing.js';

const unknown = '"{{ .Values.x }}"';
/** Of the first it is not known which role it has. */
const pods = ['web, role: "{{ .Values.role }}"', 'api']
  .map(
    (app) => `apiVersion: v1
kind: Pod
metadata: {name: ${app.replace(/,.*/, '')}, namespace: shop, labels: {app: ${app}}}
spec: {containers: [{name: c, image: i}]}
---
`,
  )
  .join('');

function networkPolicy(spec: string, name = 'p'): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {${spec}}
---
`;
}

function admin(name: string, spec: string): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: ${name}}
spec: {subject: {namespaces: {}}, ${spec}}
---
`;
}

function baseline(rules: string): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec: {subject: {namespaces: {}}, ${rules}}
---
`;
}

const everyone = 'from: [{namespaces: {}}]';
const front = 'from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {role: front}}}}]';
const onPort = (port: number) => `ports: [{portNumber: {protocol: TCP, port: ${port}}}]`;
const surely80 = networkPolicy('podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]', 'sure');

interface Case {
  readonly policies: string;
  readonly least: string;
  readonly most: string;
  /** The policies that are named as not fully known. */
  readonly unclear: readonly string[];
  readonly direction?: Direction;
}

const all = 'every port';
const none = 'nothing';
const cases: Readonly<Record<string, Case>> = {
  'no policy': { policies: '', least: all, most: all, unclear: [] },
  'what is fully known has one answer': { policies: surely80, least: 'TCP 80', most: 'TCP 80', unclear: [] },
  'a port that is not known may be any': {
    policies: networkPolicy(`podSelector: {}, ingress: [{ports: [{port: 80}, {port: ${unknown}}]}]`),
    least: 'TCP 80',
    most: all,
    unclear: ['p'],
  },
  'a peer that is not known may be this one, on the ports of its rule': {
    policies: networkPolicy(
      `podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: ${unknown}}}}], ports: [{port: 80}]}]`,
    ),
    least: none,
    // Another peer may stand where the label is written.
    most: all,
    unclear: ['p'],
  },
  'a template in the rules of the other direction says nothing of this one': {
    policies: networkPolicy(
      `podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 80}]}], egress: [{ports: [{port: ${unknown}}]}]`,
    ),
    least: 'TCP 80',
    most: 'TCP 80',
    unclear: [],
  },
  'a policy that may select the pods isolates them at worst': {
    policies: networkPolicy(`podSelector: {matchLabels: {app: ${unknown}}}, policyTypes: [Ingress]`),
    least: none,
    most: all,
    unclear: ['p'],
  },
  'what a policy that may select allows is not sure where others isolate': {
    policies:
      surely80 +
      networkPolicy(
        `podSelector: {matchLabels: {app: ${unknown}}}, policyTypes: [Ingress], ingress: [{ports: [{port: 90}]}]`,
      ),
    least: 'TCP 80',
    most: all,
    unclear: ['p'],
  },
  'rules that are not known may add whatever they like, and take nothing away': {
    policies: surely80 + networkPolicy(`podSelector: {}, policyTypes: [Ingress], ingress: ${unknown}`),
    least: 'TCP 80',
    most: all,
    unclear: ['p'],
  },
  'a direction that may be isolated': {
    policies: networkPolicy(`podSelector: {}, policyTypes: [Egress, ${unknown}]`),
    least: none,
    most: all,
    unclear: ['p'],
  },
  'admin rules that are not known may deny all or allow all': {
    policies: `${surely80}${admin('guard', `priority: 5, ingress: ${unknown}`)}`,
    least: none,
    most: all,
    unclear: ['guard'],
  },
  'an administrator’s Pass of someone who may be this end: what comes after counts, or what the next tier says': {
    policies:
      surely80 +
      admin('guard', `priority: 5, ingress: [{action: Pass, ${front}, ${onPort(80)}}, {action: Deny, ${everyone}}]`),
    least: none,
    most: 'TCP 80',
    unclear: ['guard'],
  },
  'a Deny of someone who may be this end, and an Allow of it': {
    policies: admin(
      'guard',
      `priority: 5, ingress: [{action: Deny, ${front}, ${onPort(22)}}, {action: Allow, ${front}, ${onPort(80)}}, {action: Deny, ${everyone}, ${onPort(90)}}]`,
    ),
    least: 'every port except TCP 22 and 90',
    most: 'every port except TCP 90',
    unclear: ['guard'],
  },
  'an Allow of someone who may be this end': {
    policies: networkPolicy(
      'podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {role: front}}}], ports: [{port: 80}]}, {ports: [{port: 90}]}]',
    ),
    least: 'TCP 90',
    most: 'TCP 80 and 90',
    unclear: ['p'],
  },
  'a baseline that may deny is asked only where nothing isolates': {
    policies: surely80 + baseline(`ingress: ${unknown}`),
    least: 'TCP 80',
    most: 'TCP 80',
    unclear: ['default'],
  },
  'a baseline that may deny, where it is asked': {
    policies: baseline(`ingress: ${unknown}`),
    least: none,
    most: all,
    unclear: ['default'],
  },
  'egress is bounded as ingress is': {
    direction: 'egress',
    policies: networkPolicy(
      `podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 80}, {port: ${unknown}}]}]`,
    ),
    least: 'TCP 80',
    most: all,
    unclear: ['p'],
  },
  'what Calico only logs decides nothing': {
    policies: `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: c, namespace: shop}
spec:
  selector: all()
  types: [Ingress]
  ingress:
    - {action: Log}
    - {action: Allow, protocol: TCP, destination: {ports: [80]}}
    - {action: Allow, source: {selector: role == 'front'}}
---
`,
    least: 'TCP 80',
    most: all,
    unclear: ['c'],
  },
  'policies of other pods are of no concern': {
    direction: 'egress',
    policies: networkPolicy(`podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: ${unknown}`),
    least: all,
    most: all,
    unclear: [],
  },
};

describe('between which bounds the answer lies where a template decides', () => {
  for (const [name, { policies, least, most, unclear, direction = 'ingress' }] of Object.entries(cases)) {
    test(name, async () => {
      const world = await worldOf({ 'all.yaml': pods + policies });
      const { table } = world.judge;
      const bounds = boundsOf(world.judge, direction, endOf(world, 'shop/web'), endOf(world, 'shop/api'));
      assert.deepEqual(
        {
          least: printPorts(table.setOf(bounds.least)),
          most: printPorts(table.setOf(bounds.most)),
          unclear: bounds.unclear.map(({ placed }) => placed.value.name),
        },
        { least, most, unclear },
      );
      assert.equal(table.subtract(bounds.least, bounds.most), table.none, 'what is sure is possible');
      const verdict = world.judge.side(direction, endOf(world, 'shop/web'), endOf(world, 'shop/api'));
      if (unclear.length === 0) assert.deepEqual([bounds.least, bounds.most], [verdict, verdict]);
    });
  }
});

test('nothing bounds an end that is no pods', async () => {
  const world = await worldOf({
    'all.yaml': `${pods}${networkPolicy(`podSelector: {}, policyTypes: [Egress, ${unknown}]`)}`,
  });
  const { table } = world.judge;
  const [api, outside] = [endOf(world, 'shop/api'), endOf(world, '203.0.113.7')];
  assert.deepEqual(boundsOf(world.judge, 'ingress', api, outside), { least: table.all, most: table.all, unclear: [] });
  const out = boundsOf(world.judge, 'egress', api, outside);
  assert.deepEqual([out.least, out.most, out.unclear.length], [table.none, table.all, 1]);
});

import { type CniProfile, type Support, supportIn, type Version } from '../model/cni.js';
import type { Policy } from '../model/policy.js';
import { isMap, keySpan, keyText, type Span, spanOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { cniRelated, cniSourceWords, enforces } from './cni-words.js';
import { ipBlocksOf } from './ip-blocks.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const cniLacksFeature = definePolicyRule({
  id: 'cni-lacks-feature',
  group: 'The cluster',
  severity: 'warning',
  summary: 'A policy uses what the cluster’s network plugin, in its version, does not support.',
  alone: true,
  *check({ policy, profile }) {
    const { cni, cniVersion } = profile;
    // Of a policy that it does not enforce at all, nothing else matters: see cni-does-not-enforce.
    if (profile.cniSource === 'default' || !enforces(cni, policy.value)) return;
    const own = apis[policy.value.kind];
    // Of a kind that is not read, nothing else matters.
    const uses: readonly Use[] =
      own !== undefined && lacks(cni[own], cniVersion)
        ? [{ feature: own, at: policy.value.kindAt }]
        : [...usesOf(policy)];
    for (const { feature, at, severity } of uses) {
      if (!lacks(cni[feature], cniVersion)) continue;
      const version = typeof cni[feature] === 'string' || cniVersion === undefined ? '' : ` ${cniVersion.join('.')}`;
      const { what, so } = words[feature];
      yield {
        at,
        message: `${upperFirst(cni.title)}${version}, ${cniSourceWords(profile)}, does not support ${what}${when(cni[feature], cniVersion)}. ${so}`,
        ...(severity === undefined ? {} : { severity }),
        related: cniRelated(profile),
      };
    }
  },
});

export const cniLacksFeaturePage: RulePage = {
  what: `Reports the parts of a policy that the cluster's network plugin does not carry out: \`endPort\`, SCTP, named ports, IPv6 ranges, \`except\`, the operators \`NotIn\` and \`DoesNotExist\`, and the kinds AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy.

The plugin is the one that \`cni\` in the configuration names, or that the manifests install; its version is \`cniVersion\`, or the tag of its image. Where what is supported hangs on a version that is not known, and where no plugin is known, the rule is silent.`,
  why: 'The API server knows nothing of the plugin: it stores what the plugin cannot do. Some plugins then ignore the field, so that more or less is open than the policy says; some drop the whole rule.',
  bad: /* @__PURE__ */ example('1.16'),
  good: /* @__PURE__ */ example('1.17'),
  references: [
    'https://docs.cilium.io/en/stable/network/kubernetes/policy/',
    'https://learn.microsoft.com/en-us/azure/aks/use-network-policies',
    'https://docs.tigera.io/calico/latest/network-policy/',
  ],
};

function example(version: string): string {
  return `# file: .netpol.yaml
cni: cilium
cniVersion: "${version}"
# file: policy.yaml
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ftp
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: ftp
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
      ports:
        - protocol: TCP
          port: 30000
          endPort: 30100
`;
}

type Feature = keyof typeof words;

const words = {
  endPort: {
    what: 'endPort',
    so: 'The range may be read as its first port alone. List the ports that are needed.',
  },
  sctp: { what: 'SCTP', so: 'What this port should allow may stay blocked.' },
  namedPorts: { what: 'ports given by name', so: 'The rule may be dropped. Write the number of the port.' },
  ipv6: { what: 'IPv6', so: 'This range is not applied.' },
  except: {
    what: 'except',
    so: 'The addresses it takes out may be allowed with the rest. List the ranges that are meant.',
  },
  negativeSelectors: {
    what: 'NotIn and DoesNotExist',
    so: 'The selector may match other pods than it says. Say which labels are wanted.',
  },
  adminPolicies: { what: 'AdminNetworkPolicy', so: 'The policy is stored and has no effect.' },
  baselinePolicies: { what: 'BaselineAdminNetworkPolicy', so: 'The policy is stored and has no effect.' },
  clusterPolicies: { what: 'ClusterNetworkPolicy', so: 'The policy is stored and has no effect.' },
} as const satisfies { readonly [F in keyof CniProfile]?: { what: string; so: string } };

const apis: Readonly<Record<string, 'adminPolicies' | 'baselinePolicies' | 'clusterPolicies'>> = {
  AdminNetworkPolicy: 'adminPolicies',
  BaselineAdminNetworkPolicy: 'baselinePolicies',
  ClusterNetworkPolicy: 'clusterPolicies',
};

function lacks(support: Support, version: Version | undefined): boolean {
  return supportIn(support, version) === 'no';
}

/** In which versions it is there, where not all are without it. */
function when(support: Support, version: Version | undefined): string {
  if (typeof support === 'string' || version === undefined) return '';
  const { since, before } = support;
  const gone = before !== undefined && supportIn({ since: before }, version) === 'yes';
  return gone ? `, which it dropped in ${before.join('.')}` : `, which came with ${since.join('.')}`;
}

interface Use {
  readonly feature: Feature;
  readonly at: Span;
  readonly severity?: 'info';
}

function* usesOf(policy: Placed<Policy>): Iterable<Use> {
  for (const { clauses } of policy.value.rules) {
    for (const { name, protocol, portAt, protocolAt, endPortAt } of clauses) {
      if (endPortAt !== undefined && policy.value.family === 'kubernetes') yield { feature: 'endPort', at: endPortAt };
      if (protocol === 'SCTP' && protocolAt !== undefined) yield { feature: 'sctp', at: protocolAt };
      if (name !== undefined && portAt !== undefined) yield { feature: 'namedPorts', at: portAt };
    }
  }
  const blocks = ipBlocksOf(policy);
  for (const { rule, peer, node, exceptKey, at } of blocks) {
    // Beside a range of IPv4 it is there for clusters of either family, and nobody misses it.
    const both = blocks.some((other) => other.rule === rule && other.peer.cidr.family === 4);
    if (peer.cidr.family === 6) yield { feature: 'ipv6', at, ...(both ? { severity: 'info' } : {}) };
    const except = node?.entries.find((entry) => keyText(entry) === exceptKey);
    if (except !== undefined && peer.except.length > 0) yield { feature: 'except', at: keySpan(except) };
  }
  for (const at of negativeOperators(specOf(policy))) yield { feature: 'negativeSelectors', at };
}

/** The operators of selectors that say what a label must not be. */
function* negativeOperators(node: YamlNode | undefined): Iterable<Span> {
  if (node?.kind === 'sequence') for (const item of node.items) yield* negativeOperators(item.value);
  if (!isMap(node)) return;
  for (const entry of node.entries) {
    if (keyText(entry) !== 'matchExpressions' || entry.value.kind !== 'sequence') {
      yield* negativeOperators(entry.value);
      continue;
    }
    for (const item of entry.value.items) {
      const operator = valueAt(item.value, 'operator');
      if (operator?.kind === 'scalar' && (operator.value === 'NotIn' || operator.value === 'DoesNotExist'))
        yield spanOf(operator);
    }
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

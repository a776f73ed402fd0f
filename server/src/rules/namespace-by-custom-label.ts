import { namespaceNameKey } from '../model/pod-facts.js';
import { list } from '../model/print.js';
import { type NameLabel, nameLabelOf } from './namespace-names.js';
import { likelyHalves } from './or-pairs.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage, type Severity } from './rule.js';
import { labelFix } from './selector-fix.js';

export const namespaceByCustomLabel = definePolicyRule({
  id: 'namespace-by-custom-label',
  group: 'Selectors',
  severity: 'info',
  summary: 'A namespaceSelector takes a namespace’s name from a label that somebody has to set.',
  alone: true,
  *check(context) {
    const { scope, profile, policy } = context;
    const [, minor] = profile.kubernetesVersion ?? [];
    if (minor !== undefined && minor < 21) return;
    const halves = likelyHalves(context);
    for (const rule of policy.value.rules) {
      for (const peer of rule.peers) {
        if (peer.kind !== 'pods' || peer.uncertain || halves.has(peer)) continue;
        const label = nameLabelOf(scope, profile, peer);
        if (label !== undefined) yield finding(context, label);
      }
    }
  },
});

export const namespaceByCustomLabelPage: RulePage = {
  what: `Reports a \`namespaceSelector\` that chooses a namespace by its name in a label \`name\`, \`ns\` or \`namespace\`.

It is a **warning** where the manifests declare the namespace without that label, and where the key is a slip of \`kubernetes.io/metadata.name\`; information where they do not declare the namespace, so that only the cluster knows its labels; a hint where they set the label by hand. The fix takes \`kubernetes.io/metadata.name\` instead.

Labels that sort namespaces, such as \`team\` and \`env\`, are what selectors are for. A label that is also on a namespace of another name counts as such. Nothing is reported with a \`kubernetesVersion\` below 1.21, where the API server does not set the label.`,
  why: `Kubernetes labels every namespace with \`kubernetes.io/metadata.name\`, and with nothing else. \`name: monitoring\` matches nothing until somebody runs \`kubectl label\`, and again nothing in the next cluster. What people set can also be set on another namespace, which is then let in; the API server's own label cannot be changed.`,
  bad: /* @__PURE__ */ example('name'),
  good: /* @__PURE__ */ example(namespaceNameKey),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
    'https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name',
  ],
};

function finding({ scope, policy }: PolicyContext, { requirement, set }: NameLabel): Finding {
  const { key, keyAt, values } = requirement;
  const names = values.map(({ value }) => value);
  const objects = names.flatMap((name) => scope.namespaceObjects.get(name)?.value ?? []);
  const mayBeAdded = scope.incomplete && set === 'nowhere';
  const severity: Severity = set === 'by-hand' ? 'hint' : set === 'unseen' || mayBeAdded ? 'info' : 'warning';
  const effect = requirement.selector.op === 'In' ? 'chooses no namespace' : 'leaves no namespace out';
  const many = names.length > 1;
  const which = `namespace${many ? 's' : ''} ${list(names, 4)}`;
  const lacking = objects.filter(({ labels }) => !labels.has(key)).map(({ name }) => name);
  const what = {
    'by-hand': `Label ${key} is set by hand on ${which}, and could be set on another namespace, too`,
    nowhere: `Kubernetes sets no label ${key} on namespaces, and ${list(lacking, 4)} ${lacking.length > 1 ? 'are' : 'is'} declared without it, so this ${many ? 'does not mean all of them' : effect}${mayBeAdded ? ', unless what is missing of the kustomization adds it' : ''}`,
    unseen: `Kubernetes sets no label ${key} on namespaces, so this ${effect} until somebody labels ${which} by hand`,
    misspelt: `No namespace has a label ${key} unless somebody sets it, so this likely ${effect}`,
  }[set];
  const fix = labelFix(
    policy.resource.node,
    { requirement, part: 'key', valueIndex: 0, key: namespaceNameKey, value: names[0] ?? '', matched: [] },
    severity === 'warning' ? 'likely' : 'possible',
  );
  return {
    at: keyAt,
    severity,
    message: `${what}. Use ${namespaceNameKey}, which the API server sets on every namespace.`,
    related: objects.slice(0, 3).map(({ name, labels, at }) => ({
      at,
      message: `Namespace ${name} is declared here, ${labels.has(key) ? `with ${key}=${labels.get(key)}` : 'without it'}`,
    })),
    fixes: [many ? { ...fix, title: `Change the key ${key} to ${namespaceNameKey}` } : fix],
  };
}

function example(key: string): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: monitoring
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api-metrics
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              ${key}: monitoring
          podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
      ports:
        - port: 9090
`;
}

import { cniRelated, cniSourceWords, enforces } from './cni-words.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const cniDoesNotEnforce = definePolicyRule({
  id: 'cni-does-not-enforce',
  group: 'The cluster',
  severity: 'warning',
  summary: 'The cluster’s network plugin enforces no network policies, or none of this kind.',
  alone: true,
  evenUncertain: true,
  everywhere: true,
  *check({ policy: { value }, profile }) {
    if (enforces(profile.cni, value) || profile.cniSource === 'default') return;
    const own = value.family === 'calico' ? 'Calico' : 'Cilium';
    yield {
      at: value.kindAt,
      message:
        value.family === 'calico' || value.family === 'cilium'
          ? `This policy has no effect: the network is ${profile.cni.title}, ${cniSourceWords(profile)}, and only ${own} reads its kind. Write a NetworkPolicy instead, or, if the cluster runs ${own}, name it as \`cni\` in .netpol.yaml.`
          : `This policy has no effect: the network is ${profile.cni.title}, ${cniSourceWords(profile)}, and nothing there enforces policies. The API server accepts them without a word. Install a policy engine beside it (Calico’s, as Canal does, or kube-network-policies), or another plugin, and name it as \`cni\` in .netpol.yaml.`,
      related: cniRelated(profile),
    };
  },
});

export const cniDoesNotEnforcePage: RulePage = {
  what: `Reports every policy where the network plugin is known to enforce none: \`cni\` is \`flannel\` or \`none\` in the configuration, or the manifests that are applied together with the policy install Flannel and no policy engine. The command line shows the finding once and counts the other places.

A DaemonSet counts by its name and its images. Flannel with Calico's node agent is Canal, and Flannel with a container of kube-network-policies has its engine: both enforce. Where several plugins are found, or a container cannot be read, nothing is concluded. DaemonSets in folders for tests and examples do not count, unless a kustomization or a scope of the configuration names them.

Policies of Calico and Cilium are reported where the plugin is known to be another one: it does not read them.`,
  why: 'A policy is only a wish: the network plugin carries it out, and `kubectl apply` succeeds whether or not there is one that does. Flannel alone, kubenet, and managed clusters on which policies were never switched on leave every pod open, while the manifests look as if it were protected. The runbook [not enforced](https://github.com/netpol/netpol/blob/main/docs/runbooks/not-enforced.md) says how to find out on the cluster.',
  bad: /* @__PURE__ */ example('flannel'),
  good: /* @__PURE__ */ example('canal'),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites',
    'https://github.com/flannel-io/flannel#networking-details',
  ],
};

function example(cni: string): string {
  return `# file: .netpol.yaml
cni: ${cni}
# file: policy.yaml
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`;
}

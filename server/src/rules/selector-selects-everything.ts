import { namespaceNameKey } from '../model/pod-facts.js';
import type { Direction, Policy } from '../model/policy.js';
import { isAll } from '../model/ports.js';
import { list } from '../model/print.js';
import { disjoint, isEverything } from '../model/selector.js';
import { insertEntry, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { endOf, isCalico, partsIn } from './calico-tiers.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const selectorSelectsEverything = definePolicyRule({
  id: 'selector-selects-everything',
  group: 'Too wide',
  families: ['calico'],
  severity: 'warning',
  summary: 'A Calico policy closes every pod of the cluster, those of kube-system with them.',
  *check({ scope, policy, profile }) {
    const { subject, clusterWide, at } = policy.value;
    if (!clusterWide || !isCalico(policy, profile) || subject.namespaces.own || specOf(policy) === undefined) return;
    if (!isEverything(subject.namespaces.selector) || !isEverything(subject.pods)) return;
    const closed = directions.filter((direction) => closes(scope, policy, direction));
    if (closed.length === 0) return;
    const bare = closed.filter((direction) => !somethingIsAllowed(scope, policy, direction));
    const hosts =
      valueAt(specOf(policy), 'namespaceSelector') === undefined ? ', and the host endpoints, if there are any' : '';
    const what = bare.length === 0 ? closed : bare;
    const effect =
      bare.length === 0
        ? `what no policy allows is denied for ${list(closed)} there as well`
        : `and nothing in these manifests allows any ${list(bare).replace(' and ', ' or ')} there, so DNS and other services of the cluster itself stop`;
    yield {
      at: subject.source?.at ?? at,
      ...(bare.length === 0 ? { severity: 'info' as const } : {}),
      message: `This policy closes every pod of the cluster for ${list(what)}, those of kube-system and of Calico with them${hosts}: ${effect}. Leave the cluster's own namespaces out by a namespaceSelector, unless they are meant.`,
      fixes: [leaveOut(policy, bare.length > 0)],
    };
  },
});

const directions: readonly Direction[] = ['ingress', 'egress'];

/** Whether what the policy's own rules do not allow is denied, by the end of its tier or by a rule. */
function closes(scope: Scope, policy: Placed<Policy>, direction: Direction): boolean {
  const parts = partsIn(policy, direction);
  if (!policy.value.isolates.includes(direction)) return false;
  const last = parts.find(
    ({ rule, peer }) =>
      rule.action !== 'Log' &&
      peer.kind === 'anything' &&
      isAll(rule.ports) &&
      rule.own === undefined &&
      rule.constraints === undefined,
  );
  return last === undefined ? endOf(scope, policy) === 'Deny' : last.rule.action === 'Deny';
}

/** By this policy or another one that may be about pods of kube-system. */
function somethingIsAllowed(scope: Scope, policy: Placed<Policy>, direction: Direction): boolean {
  return scope.policies.some((other) => {
    if (other !== policy && !mayBeAboutSystem(other)) return false;
    if (other.value.uncertain || other.value.order.tier === 'admin') return true;
    return other.value.rules.some(
      (rule) => rule.direction === direction && (rule.action === 'Allow' || rule.action === 'Pass'),
    );
  });
}

function mayBeAboutSystem({ value: { subject, staged }, namespace }: Placed<Policy>): boolean {
  if (staged || subject.nodes !== undefined) return false;
  if (subject.namespaces.own) return namespace.name === undefined || namespace.name === 'kube-system';
  return disjoint(subject.namespaces.selector, { op: 'In', key: namespaceNameKey, values: ['kube-system'] }) !== 'yes';
}

const systemNamespaces =
  "has(projectcalico.org/name) && projectcalico.org/name not in {'kube-system', 'calico-system', 'calico-apiserver', 'tigera-operator'}";

function leaveOut(policy: Placed<Policy>, preferred: boolean): Fix {
  return {
    title: 'Leave out the namespaces of Kubernetes and Calico, and host endpoints',
    ...(preferred ? { preferred } : {}),
    changes() {
      const spec = specOf(policy);
      if (spec === undefined) return undefined;
      const written = valueAt(spec, 'namespaceSelector');
      const placement = { after: ['selector'], before: ['types', ...directions] };
      return editOnly(
        written === undefined
          ? insertEntry(spec, 'namespaceSelector', systemNamespaces, placement)
          : replaceScalar(written, systemNamespaces),
      );
    },
  };
}

export const selectorSelectsEverythingPage: RulePage = {
  what: `Reports a GlobalNetworkPolicy that selects everything (no \`selector\`, or \`all()\`, and no \`namespaceSelector\` that narrows it) and denies what it does not allow, by a rule or because its tier ends so.

It is a **warning** where neither it nor any other policy of the manifests allows anything for pods of kube-system in that direction. Otherwise it is information. Policies of a namespace, staged ones, and those that end with a rule that allows or passes on all the rest are not reported.`,
  why: `An empty selector of a GlobalNetworkPolicy takes in all namespaces, also the cluster's own. The first effect of a default deny without exceptions is that the DNS pods get no queries and reach no other resolver; then nothing in the cluster finds anything. Host endpoints, where there are some, are taken in as well, up to the ports that Calico always leaves open.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(systemNamespaces),
  references: [
    'https://docs.tigera.io/calico/latest/network-policy/get-started/kubernetes-default-deny',
    'https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy',
  ],
};

function example(selector: string): string {
  return `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: default-deny
spec:
${selector === '' ? '' : `  namespaceSelector: "${selector}"\n`}  types: [Ingress, Egress]
`;
}

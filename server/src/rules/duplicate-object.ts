import { policyName } from '../engine/describe.js';
import { groupBy } from '../engine/group-by.js';
import type { Policy } from '../model/policy.js';
import { documentBehind } from '../text/document.js';
import { stringOf, valueAt } from '../text/tree.js';
import { fileName, folderOf } from '../workspace/files.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import { perList } from '../workspace/per-list.js';
import type { Placed } from '../workspace/scope.js';
import { besideOf } from './applied-together.js';
import { identityOf } from './family-words.js';
import { removeObject } from './remove-object.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const duplicateObject = definePolicyRule({
  id: 'duplicate-object',
  group: 'API validity',
  severity: 'error',
  summary: 'The same object is defined twice.',
  check,
});

export const duplicateObjectPage: RulePage = {
  what: `Reports a policy of the same kind, namespace and name as one further up in the same file, or in another file of the same kustomization or named scope. The other one is shown.

Files that merely lie in one folder are not compared, since repositories hold variants of one object, and neither are unrendered templates.

Calico's NetworkPolicy is another kind than Kubernetes'. The items of Cilium's \`specs\` are one object.`,
  why: `A cluster holds one object of a name. \`kubectl apply\` sends both, and the second replaces the first: what the first allows is blocked again, or what it blocks is open. \`kustomize build\` refuses to build.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: worker
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: worker
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: worker
  policyTypes: [Ingress]
`,
  references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/names/'],
};

function* check({ scope, policy }: PolicyContext): Iterable<Finding> {
  // Each item of Cilium's `specs` is one of the policies that one object holds.
  if (!isNamed(policy) || (policy.resource.part ?? 0) > 0) return;
  const policies = besideOf(scope, policy);
  // What is not evaluated may give other names to what comes from other folders.
  const together = (other: Placed<Policy>) =>
    other.uri === policy.uri ||
    (scope.kind === 'kustomization' && (!scope.incomplete || folderOf(other.uri) === folderOf(policy.uri))) ||
    scope.kind === 'named';
  const first = byName(policies)
    .get(policy.value.name)
    ?.find((other) => isSameKind(other, policy) && isNamed(other) && together(other));
  // A base that comes in twice is said by the kustomization, not by the object.
  if (first === undefined || writtenOf(first.resource) === writtenOf(policy.resource)) return;
  const where = first.uri === policy.uri ? 'in this file' : `in ${decodeURIComponent(fileName(first.uri))}`;
  const effect =
    scope.kind === 'kustomization'
      ? 'kustomize refuses to build with two objects of one name'
      : 'a cluster keeps only the last one that is applied';
  // Its name is given: see baseline-name.
  const otherwise =
    policy.value.kind === 'BaselineAdminNetworkPolicy' ? 'Move its rules into the other' : 'Give this one another name';
  yield {
    at: policy.value.at,
    message: `${policy.value.kind} ${policyName(policy)} is already defined ${where}; ${effect}. ${otherwise}, or remove one of them.`,
    related: [{ at: first.value.at, message: `${policyName(first)} is defined here first` }],
    fixes: isCopy(policy, first)
      ? [{ title: 'Remove this copy', preferred: true, safe: true, changes: () => removeObject(policy) }]
      : [],
  };
}

const byName = perList((policies: readonly Placed<Policy>[]) => groupBy(policies, ({ value }) => value.name));

/** Calico's NetworkPolicy is another kind than Kubernetes', and its API keeps its objects under other names than it shows. */
function isSameKind(a: Placed<Policy>, b: Placed<Policy>): boolean {
  if (a.value.kind !== b.value.kind || a.value.family !== b.value.family) return false;
  return a.value.family !== 'calico' || identityOf(a).apiVersion === identityOf(b).apiVersion;
}

/** It has a name of its own, and is no template: branches of one are often about the same object. */
function isNamed({ value, resource }: Placed<Policy>): boolean {
  const name = stringOf(valueAt(valueAt(resource.node, 'metadata'), 'name'));
  return name !== undefined && name !== '' && documentBehind(value.at.document)?.templated === false;
}

/** Both are written in the same way, letter by letter, each in a document of its own. */
function isCopy(policy: Placed<Policy>, first: Placed<Policy>): boolean {
  return policy.resource.path.length === 0 && first.resource.path.length === 0 && bodyOf(policy) === bodyOf(first);
}

function bodyOf({ resource: { node } }: Placed<Policy>): string {
  return node.document.text.slice(node.range.start, node.range.end).replace(/\r\n/g, '\n');
}

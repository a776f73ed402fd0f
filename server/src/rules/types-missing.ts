import { subjectsMayOverlap } from '../engine/containment.js';
import { isRaw } from '../kinds/calico/read.js';
import type { Direction, Policy } from '../model/policy.js';
import { insertEntry } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, keySpan } from '../text/tree.js';
import { contentOf, type Placed } from '../workspace/scope.js';
import { besideAndAbove, isCalico } from './calico-tiers.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const typesMissing = definePolicyRule({
  id: 'types-missing',
  group: 'No effect',
  families: ['calico'],
  severity: 'warning',
  summary: 'A Calico policy does not say its types, and isolates more, or less, than it seems to.',
  *check({ scope, policy, profile }) {
    const { isolatesByDefault, rules, name } = policy.value;
    const spec = specOf(policy);
    // A list that is there and empty is refused.
    if (!isolatesByDefault || !isCalico(policy, profile) || spec === undefined || entryOf(spec, 'types') !== undefined)
      return;
    const [one, ...more] = directions.filter((each) => rules.some(({ direction }) => direction === each));
    if (more.length > 0) return;
    if (isRaw(policy.resource.node)) {
      const other = one === 'egress' ? 'ingress' : 'egress';
      const effect = one === undefined ? 'denies both directions' : `denies all ${other} as well`;
      yield {
        at: policy.value.at,
        ...(one === undefined ? { severity: 'info' as const } : {}),
        message: `Without types this policy ${effect}: nothing fills them in where the resource of crd.projectcalico.org/v1 is written directly, and Calico then takes both. In projectcalico.org/v3 it would be ${one ?? 'ingress'} alone. Write types.`,
        fixes: [
          write(policy, [one ?? 'ingress'], `${other} is not denied`, one !== undefined),
          write(policy, directions, 'as it is now', one === undefined),
        ],
      };
      return;
    }
    if (one !== 'egress') return;
    // Who has it from Kubernetes, where egress rules alone isolate for ingress as well.
    const readsKubernetes = contentOf(scope, policy.namespace).policies.some(
      ({ value }) => value.family === 'kubernetes',
    );
    if (!readsKubernetes && !/deny|isolat|lock|block/.test(name)) return;
    const closed = besideAndAbove(scope, policy).some(
      (other) =>
        other !== policy && other.value.isolates.includes('ingress') && subjectsMayOverlap(scope, policy, other),
    );
    if (closed) return;
    const entry = entryOf(spec, one);
    yield {
      at: entry === undefined ? policy.value.at : keySpan(entry),
      severity: 'info',
      message:
        'Without types, egress rules alone make this policy one for egress: everyone may still connect to the pods it selects. In a NetworkPolicy of Kubernetes the same would isolate them in both directions. Write types.',
      fixes: [write(policy, ['egress'], 'as it is now'), write(policy, ['ingress', 'egress'], 'deny ingress as well')],
    };
  },
});

const directions: readonly Direction[] = ['ingress', 'egress'];

function write(policy: Placed<Policy>, types: readonly Direction[], effect: string, preferred = false): Fix {
  const words = directions
    .filter((each) => types.includes(each))
    .map((each) => (each === 'ingress' ? 'Ingress' : 'Egress'));
  return {
    title: `Write types: [${words.join(', ')}] (${effect})`,
    ...(preferred ? { preferred } : {}),
    changes() {
      const spec = specOf(policy);
      const placement = { after: ['selector'], before: directions };
      return spec === undefined ? undefined : editOnly(insertEntry(spec, 'types', words, placement));
    },
  };
}

export const typesMissingPage: RulePage = {
  what: `Reports Calico policies without \`types\` where the default is easily misread:

- **\`crd.projectcalico.org/v1\`** with rules for one direction only (a warning), or without rules (information): the other direction is denied as well.
- **\`projectcalico.org/v3\`** with egress rules only (information): ingress stays open, while a NetworkPolicy of Kubernetes would close it. Only where nothing else isolates the pods for ingress, and something speaks of a mistake: network policies of Kubernetes in the same namespace, or a name with a word such as \`deny\`.

Policies with rules for both directions mean the same either way.`,
  why: 'Calico has three defaults. Its API server and `calicoctl` fill in the directions for which there are rules, ingress where there are none. Where the custom resource is written directly nothing fills them in, and Calico takes both. Kubernetes takes ingress in any case. The same few lines close a direction in one cluster and leave it open in the next.',
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example('  types: [Ingress]\n'),
  references: ['https://docs.tigera.io/calico/latest/reference/resources/networkpolicy'],
};

function example(types: string): string {
  return `apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  selector: app == 'api'
${types}  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: app == 'web'
      destination:
        ports: [8080]
`;
}

import { describePods, policyName, workloadNames } from '../engine/describe.js';
import { dnsOf } from '../engine/dns.js';
import { dnsRule } from '../engine/dns-rule.js';
import { directionOf, effectiveOfPolicy } from '../engine/effective.js';
import type { Direction } from '../model/policy.js';
import { count } from '../model/print.js';
import { insertEntry, insertItem, removeEntry } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, isNull, keySpan, valueAt, type YamlEntry, type YamlMap } from '../text/tree.js';
import { insertRule } from './family-words.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const rulesWithoutPolicyType = definePolicyRule({
  id: 'rules-without-policy-type',
  group: 'No effect',
  severity: 'warning',
  summary: 'policyTypes (Calico: types) and the rules disagree about the directions the policy is about.',
  *check(context) {
    const { policy } = context;
    const spec = specOf(policy);
    const { family } = policy.value;
    if ((family !== 'kubernetes' && family !== 'calico') || spec === undefined) return;
    if (!policy.value.isolatesByDefault) {
      for (const direction of ['ingress', 'egress'] as const) {
        if (policy.value.isolates.length === 0 || policy.value.isolates.includes(direction)) continue;
        const entry = entryOf(spec, direction);
        if (entry !== undefined && ruleCount(entry) > 0) yield unlisted(context, spec, entry, direction);
      }
      return;
    }
    // Calico's default is about the directions that have rules.
    if (family === 'calico') return;
    const egress = entryOf(spec, 'egress');
    if (egress?.value.kind !== 'sequence') return;
    if (ruleCount(egress) === 0) yield emptyEgress(spec, egress);
    else if (isNull(valueAt(spec, 'ingress'))) yield* lockout(context, spec, egress);
  },
});

export const rulesWithoutPolicyTypePage: RulePage = {
  what: `\`policyTypes\` says in which directions the selected pods are isolated; the rules say what passes nevertheless. This rule reports where the two do not go together:

- **Rules of a direction that \`policyTypes\` does not list.** They have no effect: they neither isolate the pods nor allow them anything. (Cilium applies them all the same.)
- **\`policyTypes\` left to its default, and only egress rules.** The API server fills in \`Ingress\` always, and \`Egress\` where there are egress rules. A policy with only egress rules so denies *all ingress* to its pods as well. It stays silent where other policies isolate these pods for ingress anyway.
- **\`egress: []\` and no \`policyTypes\`** (information). It looks like "deny all egress", but an empty list does not make the API server add \`Egress\`: what the pods may send is left as it was.

Of Calico it is \`types\`, and the first of these cases only: its default is about the directions that have rules.`,
  why: 'Each of the three is accepted without a word and does something else than it says: rules that protect nothing, or pods that nobody can reach any more. Policies that write out `policyTypes` cannot be misread.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: worker
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: worker
  policyTypes:
    - Ingress
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: queue
      ports:
        - port: 5672
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: worker
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: worker
  policyTypes:
    - Ingress
    - Egress
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: queue
      ports:
        - port: 5672
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
    'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  ],
};

function ruleCount(entry: YamlEntry): number {
  return entry.value.kind === 'sequence' ? entry.value.items.length : 0;
}

/** Rules of a direction that policyTypes does not list. Source: NetworkPolicySpec.policyTypes; FACTS B7 for Cilium. */
function unlisted(context: PolicyContext, spec: YamlMap, entry: YamlEntry, direction: Direction): Finding {
  const { policy, profile } = context;
  const word = typeOf(direction);
  const cutsDns = direction === 'egress' && cutsOffDns(context);
  const listed = policy.value.isolates.map(typeOf).join(' and ');
  const ignored = policy.value.family === 'calico' || profile.cni.unlistedDirectionRules === 'ignored';
  const types = policy.value.family === 'calico' ? 'types' : 'policyTypes';
  const said = `${types} lists only ${listed}`;
  const what = direction === 'ingress' ? 'receive' : 'send';
  const message = ignored
    ? `${said}, so these ${direction} rules have no effect: they neither isolate the selected pods for ${direction} nor allow them anything. Add ${word} to ${types}${cutsDns ? ', and a rule for DNS with it' : ''}, or remove the rules.`
    : `${said}, but ${profile.cni.title} applies these ${direction} rules all the same: the pods may ${what} only what they allow. Other plugins ignore them. Add ${word} to ${types} to say what happens.`;
  const add: Fix = {
    title: cutsDns
      ? `Add ${word} to ${types}, and a rule for DNS: ${describePods(policy.value.subject.pods)} may then ${what} only what policies allow`
      : `Add ${word} to ${types}: ${describePods(policy.value.subject.pods)} may then ${what} only what policies allow`,
    preferred: true,
    changes: () => {
      const listed = entryOf(spec, types);
      const typed = listed === undefined ? undefined : insertItem(listed, word);
      const dns = cutsDns ? insertRule(policy, direction, dnsRule(profile)) : undefined;
      if (typed === undefined || (cutsDns && dns === undefined)) return undefined;
      return editOnly(dns === undefined ? typed : [typed, dns]);
    },
  };
  const remove: Fix = {
    title: `Remove the ${direction} rules, which have no effect`,
    changes: () => editOnly(removeEntry(spec, entry)),
  };
  return {
    at: keySpan(entry),
    message,
    related: policy.value.isolatesAt === undefined ? [] : [{ at: policy.value.isolatesAt, message: said }],
    fixes: [add, ...(ignored ? [remove] : [])],
  };
}

/** With egress isolated, these rules and the other policies of the pods would leave them without names. */
function cutsOffDns({ scope, profile, policy }: PolicyContext): boolean {
  const isolating = { ...policy, value: { ...policy.value, isolates: ['ingress', 'egress'] as const } };
  const { policies, clusterWide, how } = effectiveOfPolicy(scope, policy, profile.cni);
  const others = policies.filter((other) => other !== policy);
  const { udp, tcp } = dnsOf(scope, profile, directionOf('egress', [isolating, ...others], [], clusterWide, how));
  return udp !== 'yes' || tcp !== 'yes';
}

/** `egress: []` and policyTypes left out. Source: SetDefaults_NetworkPolicy counts the egress rules. */
function emptyEgress(spec: YamlMap, egress: YamlEntry): Finding {
  return {
    at: keySpan(egress),
    severity: 'info',
    message:
      'This denies no egress: where policyTypes is left out, the API server adds Egress only if there is an egress rule, and an empty list has none. To deny all egress, write policyTypes with Egress in it; else remove the line.',
    fixes: [
      {
        title: 'Write policyTypes: Ingress (egress stays as it is)',
        changes: () => writeTypes(spec, ['Ingress']),
      },
      {
        title: 'Remove the empty egress list, which has no effect',
        changes: () => editOnly(removeEntry(spec, egress)),
      },
    ],
  };
}

/** Only egress rules, and policyTypes left out: the default isolates for ingress too, and nothing is allowed in. */
function* lockout({ scope, policy }: PolicyContext, spec: YamlMap, egress: YamlEntry): Generator<Finding> {
  const effective = effectiveOfPolicy(scope, policy);
  if (effective.ingress.isolatedBy.some((other) => other !== policy)) return;
  const perhaps = effective.partial.find(
    (each) => each.workloads.length === 0 && each.policy.value.isolates.includes('ingress'),
  );
  const pods = describePods(policy.value.subject.pods);
  const { sure } = effective.workloads;
  const who =
    sure.length === 0 ? pods : `${pods} (${count(sure.length, 'workload')}: ${workloadNames(sure, policy.namespace)})`;
  yield {
    at: keySpan(egress),
    severity: perhaps === undefined ? 'warning' : 'info',
    message: `policyTypes is left out, so the API server fills in Ingress AND Egress: this policy also denies all ingress to ${who}. Write policyTypes: Egress alone if only egress is meant, or Ingress and Egress if nobody is to connect to them.`,
    ...(perhaps === undefined
      ? {}
      : {
          related: [
            {
              at: perhaps.policy.value.at,
              message: `${policyName(perhaps.policy)} isolates for ingress too, perhaps the same pods`,
            },
          ],
        }),
    fixes: [
      {
        title: 'Write policyTypes: Egress (ingress is left alone)',
        preferred: true,
        changes: () => writeTypes(spec, ['Egress']),
      },
      {
        title: 'Write policyTypes: Ingress and Egress (all ingress stays denied)',
        changes: () => writeTypes(spec, ['Ingress', 'Egress']),
      },
    ],
  };
}

/** Undefined where `policyTypes` is there already, empty: a second edit at the same place would be needed. */
function writeTypes(spec: YamlMap, types: readonly [string, ...string[]]) {
  const [only, ...more] = types;
  const entry = entryOf(spec, 'policyTypes');
  if (entry !== undefined) return more.length > 0 ? undefined : editOnly(insertItem(entry, only));
  const placement = { after: ['podSelector'], before: ['ingress', 'egress'] };
  return editOnly(insertEntry(spec, 'policyTypes', [...types], placement));
}

function typeOf(direction: Direction): string {
  return direction === 'ingress' ? 'Ingress' : 'Egress';
}

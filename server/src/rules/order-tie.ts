import { type Part, subjectsMayOverlap } from '../engine/containment.js';
import { groupBy } from '../engine/group-by.js';
import type { Direction, Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { spanOf, valueAt } from '../text/tree.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { areAppliedTogether } from './applied-together.js';
import {
  isBehind,
  isCalico,
  mayMeet,
  orderWords,
  partsIn,
  surelyContains,
  surelyShare,
  tierOf,
} from './calico-tiers.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const orderTie = definePolicyRule({
  id: 'order-tie',
  group: 'No effect',
  families: ['calico'],
  severity: 'warning',
  summary: 'Two Calico policies of one order disagree, so that their names decide.',
  *check({ scope, policy, profile }) {
    if (!isCalico(policy, profile)) return;
    const found = tied(scope, policy)
      .filter((other) => isCalico(other, profile) && areAppliedTogether(scope, policy, other))
      .flatMap((other) =>
        directions.flatMap((direction) => conflict(scope, policy, other, direction) ?? []).slice(0, 1),
      );
    const worst = found.find(({ idle }) => idle) ?? found[0];
    if (worst === undefined) return;
    const { mine, theirs, first, second, idle } = worst;
    const others = [...new Set([theirs.policy, ...found.map((each) => each.theirs.policy)])];
    const order = valueAt(specOf(policy), 'order');
    const part = (each: Part) =>
      `${each.rule.direction}[${each.rule.index}] (${each.rule.action}) of ${each.policy === policy ? 'this policy' : titleOf(each.policy)}`;
    yield {
      at: order?.kind === 'scalar' ? spanOf(order) : policy.value.at,
      ...(idle ? {} : { severity: 'info' as const }),
      message: `${list(others.map(titleOf), 3)} ${others.length > 1 ? 'have' : 'has'} ${orderWords(policy)} in tier ${tierOf(policy)} as well, and ${part(first)} and ${part(second)} disagree about the same traffic. Policies of one order are judged by their names, so the former ${idle ? 'decides all of it, and the latter nothing' : 'comes first, until one of them is renamed'}. Give them different orders.`,
      related: found
        .slice(0, 3)
        .flatMap((each) => [each.theirs, each.mine].map((at) => ({ at: at.rule.at, message: part(at) }))),
      fixes: found.length > 1 ? [] : fixes(scope, policy, mine, theirs),
    };
  },
});

function titleOf({ value: { kind, name } }: Placed<Policy>): string {
  return `${kind} ${name}`;
}

const directions: readonly Direction[] = ['ingress', 'egress'];

/** The policies of one tier and order that stand before this one in the files, and may be about the same pods. */
function tied(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const own = policy.value.clusterWide ? [] : contentOf(scope, policy.namespace).policies;
  const beside = [scope.clusterPolicies, own].flatMap((list) => byPlace(list).get(placeOf(policy)) ?? []);
  return beside.slice(0, beside.indexOf(policy)).filter(
    (other) =>
      !other.value.uncertain &&
      // Those that only allow add up, and they are nearly all.
      [policy, other].some(({ value }) => value.rules.some(({ action }) => action === 'Deny' || action === 'Pass')) &&
      !(other.value.kind === policy.value.kind && other.value.name === policy.value.name) &&
      subjectsMayOverlap(scope, policy, other) &&
      surelyShare(scope, policy, other),
  );
}

const byPlace = perList((policies: readonly Placed<Policy>[]) => groupBy(policies, placeOf));

function placeOf(policy: Placed<Policy>): string {
  return `${policy.value.order.priority} ${tierOf(policy)}`;
}

/** What both decide, differently, one of them about no more than the other; none that an earlier rule has decided. */
function conflict(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>, direction: Direction) {
  const [mineAll, theirsAll] = [partsIn(policy, direction), partsIn(other, direction)];
  if (mineAll.length * theirsAll.length > mostPairs) return undefined;
  for (const mine of mineAll) {
    for (const theirs of theirsAll) {
      if (mine.rule.action === theirs.rule.action || [mine, theirs].some(({ rule }) => rule.action === 'Log')) continue;
      if (!mayMeet(scope, mine, theirs)) continue;
      if (!surelyContains(scope, mine, theirs) && !surelyContains(scope, theirs, mine)) continue;
      const earlier = [...before(mineAll, mine), ...before(theirsAll, theirs)];
      if (earlier.some((each) => surelyContains(scope, each, mine) || surelyContains(scope, each, theirs))) continue;
      const [first, second] = isBehind(policy, other) ? [theirs, mine] : [mine, theirs];
      return { mine, theirs, first, second, idle: surelyContains(scope, first, second) };
    }
  }
  return undefined;
}

function before(parts: readonly Part[], { rule }: Part): readonly Part[] {
  return parts.filter((each) => each.rule.index < rule.index && each.rule.action !== 'Log');
}

const mostPairs = 2_500;

/** The exception goes ahead of what it is an exception from, to the next whole order that no policy of the tier has. */
function fixes(scope: Scope, policy: Placed<Policy>, mine: Part, theirs: Part): readonly Fix[] {
  const node = valueAt(specOf(policy), 'order');
  const { priority } = policy.value.order;
  const [ahead, behind] = [surelyContains(scope, theirs, mine), surelyContains(scope, mine, theirs)];
  if (ahead === behind || !Number.isInteger(priority) || node === undefined) return [];
  const step = ahead ? -1 : 1;
  let free = priority + step;
  while (scope.policies.some((each) => each.value.order.priority === free)) free += step;
  return [
    {
      title: `Change order to ${free}, ${ahead ? 'ahead of' : 'behind'} ${theirs.policy.value.name}`,
      changes: () => editOnly(replaceScalar(node, free)),
    },
  ];
}

export const orderTiePage: RulePage = {
  what: `Reports two Calico policies of one tier that have the same \`order\`, or both none, where they are about the same pods and a rule of one says otherwise than a rule of the other about the same traffic. Of the two, the later in the files is reported, and the other is shown.

It is a **warning** where the name puts the wider rule first, so that the other never decides anything; information where it happens to put the narrower one first. Policies that only add up, as those without a rule that denies do, may share an order.`,
  why: 'Calico judges the policies of a tier by order, and those of one order by their names. An exception then works, or does nothing, as the alphabet has it, and a new name changes what is allowed.',
  bad: /* @__PURE__ */ example(100),
  good: /* @__PURE__ */ example(90),
  references: ['https://docs.tigera.io/calico/latest/reference/resources/networkpolicy'],
};

function example(order: number): string {
  return `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: block-tools
  namespace: shop
spec:
  order: 100
  selector: all()
  types: [Ingress]
  ingress:
    - action: Deny
      source:
        namespaceSelector: projectcalico.org/name == 'tools'
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: metrics
  namespace: shop
spec:
  order: ${order}
  selector: all()
  types: [Ingress]
  ingress:
    - action: Allow
      source:
        selector: app == 'prometheus'
        namespaceSelector: projectcalico.org/name == 'tools'
`;
}

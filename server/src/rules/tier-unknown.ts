import { nearest } from '../kinds/nearest.js';
import { list } from '../model/print.js';
import { builtInTiers } from '../model/tier.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly } from '../text/fix.js';
import { spanOf, stringOf, valueAt } from '../text/tree.js';
import { isTransposed } from './did-you-mean.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const tierUnknown = definePolicyRule({
  id: 'tier-unknown',
  group: 'No effect',
  families: ['calico'],
  severity: 'warning',
  summary: 'A Calico policy stands in a tier that no manifest describes.',
  evenUncertain: true,
  *check({ scope, policy }) {
    const node = valueAt(specOf(policy), 'tier');
    const name = stringOf(node);
    if (node === undefined || name === undefined || name === '') return;
    const declared = scope.tiers.map(({ value }) => value.name);
    const known = [...new Set([...builtInTiers.map((tier) => tier.name), ...declared])];
    if (known.includes(name) || madeByCalico.has(name)) return;
    const meant = nearest(name, known) ?? known.find((each) => isTransposed(name, each));
    // Who describes no tier keeps them elsewhere; the files of a folder, or of half a kustomization, need not be all.
    if (meant === undefined && (declared.length === 0 || scope.incomplete || scope.kind === 'folder')) return;
    const at = scope.tiers.find(({ value }) => value.name === meant)?.value.at;
    yield {
      at: spanOf(node),
      ...(meant === undefined ? { severity: 'info' as const } : {}),
      message: `These manifests have no Tier ${name}, and Calico refuses a policy whose tier does not exist, or judges it after all others. ${
        meant === undefined
          ? `The tiers known here are ${list(known, 6)}: use one of them, or add the Tier.`
          : `Did you mean ${meant}?`
      }`,
      ...(meant === undefined || at === undefined ? {} : { related: [{ at, message: `Tier ${meant}` }] }),
      ...(meant === undefined
        ? {}
        : {
            fixes: [
              { title: `Change to ${meant}`, preferred: true, changes: () => editOnly(replaceScalar(node, meant)) },
            ],
          }),
    };
  },
});

/** Tiers that versions and editions of Calico make by themselves, beside those that all have. */
const madeByCalico: ReadonlySet<string> = new Set([
  'adminnetworkpolicy',
  'baselineadminnetworkpolicy',
  'allow-tigera',
  'calico-system',
]);

export const tierUnknownPage: RulePage = {
  what: `Reports \`spec.tier\` of a Calico policy where the manifests have no Tier of that name and Calico makes none by itself.

It is a **warning** where a known tier is spelt nearly alike, which the fix writes. Otherwise it is information, and only in a kustomization, chart or snapshot that describes tiers: many keep them in another repository.`,
  why: 'The API server of Calico refuses a policy in a tier that does not exist. Where the custom resources are written directly nothing checks it, and the policy ends up behind all other tiers: what it was to deny first has been allowed long before.',
  bad: /* @__PURE__ */ example('secuirty'),
  good: /* @__PURE__ */ example('security'),
  references: [
    'https://docs.tigera.io/calico/latest/reference/resources/tier',
    'https://docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy',
  ],
};

function example(tier: string): string {
  return `apiVersion: projectcalico.org/v3
kind: Tier
metadata:
  name: security
spec:
  order: 300
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: security.quarantine
spec:
  tier: ${tier}
  selector: quarantine == 'true'
  types: [Ingress, Egress]
`;
}

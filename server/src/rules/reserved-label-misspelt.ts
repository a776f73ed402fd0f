import { splitKey } from '../kinds/cilium/labels.js';
import { entities } from '../kinds/cilium/peers.js';
import { nearest } from '../kinds/nearest.js';
import { editOnly, type Fix } from '../text/fix.js';
import { ciliumPolicy } from './cilium-example.js';
import { type EndpointLabel, effectOf, endpointLabels } from './endpoint-labels.js';
import { definePolicyRule, type Finding, type RulePage } from './rule.js';

export const reservedLabelMisspelt = definePolicyRule({
  id: 'reserved-label-misspelt',
  group: 'Selectors',
  families: ['cilium'],
  severity: 'warning',
  summary: 'A label of Cilium’s own, or the source before a label, that is nearly one that exists.',
  // What it is about makes a policy uncertain: nothing has such a label.
  evenUncertain: true,
  *check({ policy }) {
    for (const label of endpointLabels(policy)) yield* faults(label);
  },
});

export const reservedLabelMisspeltPage: RulePage = {
  what: `Reports a label \`reserved:...\` in a selector of endpoints whose name is nearly one of Cilium's reserved identities (\`reserved:hst\`), or an entity that is no identity (\`reserved:all\`), and a source before a label that is nearly \`k8s:\` or \`reserved:\` (\`k8:app\`).`,
  why: `Every name behind \`reserved:\`, and every source before a colon, is accepted. One that does not exist is a label that no endpoint has, so the selector chooses nothing.`,
  bad: /* @__PURE__ */ example('reserved:hst'),
  good: /* @__PURE__ */ example('reserved:host'),
  references: [
    'https://docs.cilium.io/en/stable/gettingstarted/terminology/#special-identities',
    'https://docs.cilium.io/en/stable/security/policy/language/#endpoints-based',
  ],
};

function example(label: string): string {
  return ciliumPolicy(`  ingress:
    - fromEndpoints:
        - matchLabels:
            ${label}: ""
`);
}

/** Names of entities that stand for several identities, or for none. */
const noIdentity: readonly string[] = ['all', 'cluster', 'none', 'cluster-mesh'];
const identities = [...entities.filter((entity) => !noIdentity.includes(entity)), 'world-ipv4', 'world-ipv6'];

function* faults(label: EndpointLabel): Generator<Finding> {
  const { source, key } = splitKey(label.text);
  if (source === undefined) return;
  if (source === 'reserved') {
    if (identities.includes(key)) return;
    if (noIdentity.includes(key)) {
      yield {
        at: label.at,
        message: `${key} is an entity and no identity, so no endpoint has the label reserved:${key}, and this ${effectOf(label)}. Use \`fromEntities\` or \`toEntities\` with ${key}.`,
      };
      return;
    }
    const meant = nearest(key, identities);
    if (meant === undefined) return;
    yield {
      at: label.at,
      message: `Cilium has no reserved identity ${key}, so no endpoint has this label, and it ${effectOf(label)}; did you mean reserved:${meant}?`,
      fixes: [renaming(label, `reserved:${meant}`)],
    };
    return;
  }
  // Other sources that there are (`any`, `cidr`, `node`, ...) are near none of these.
  const meant = nearest(source, ['k8s', 'reserved']);
  if (meant === undefined) return;
  yield {
    at: label.at,
    message: `Labels come from the source k8s, or are reserved; none comes from "${source}", so this ${effectOf(label)}. Did you mean ${meant}:${key}?`,
    fixes: [renaming(label, `${meant}:${key}`)],
  };
}

function renaming(label: EndpointLabel, text: string): Fix {
  return { title: `Change to ${text}`, preferred: true, changes: () => editOnly(label.rename(text)) };
}

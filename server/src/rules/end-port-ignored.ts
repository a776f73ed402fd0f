import { parsePort } from '../kinds/cilium/ports.js';
import { itemsOf } from '../kinds/entry.js';
import { removeEntry, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, spanOf, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import { ciliumEntries, portItems } from './cilium-entries.js';
import { ciliumPolicy } from './cilium-example.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const endPortIgnored = definePolicyRule({
  id: 'end-port-ignored',
  group: 'Ports',
  families: ['cilium'],
  severity: 'warning',
  summary: 'An endPort of a Cilium policy that is accepted and has no effect.',
  check,
});

export const endPortIgnoredPage: RulePage = {
  what: `Reports an \`endPort\` in Cilium's policies that is below its \`port\`, or stands beside a port's name or beside port \`"0"\`.`,
  why: `A Kubernetes NetworkPolicy with such a range is refused. Cilium accepts it without a word: a range that ends before it begins is its first port alone, a name has no range, and \`"0"\` is every port whatever endPort says.`,
  bad: /* @__PURE__ */ example(9000, 8000),
  good: /* @__PURE__ */ example(8000, 9000),
  references: ['https://docs.cilium.io/en/stable/security/policy/language/#limit-ingress-egress-port-ranges'],
};

function example(from: number, to: number): string {
  return ciliumPolicy(`  ingress:
    - fromEndpoints:
        - matchLabels:
            app: frontend
      toPorts:
        - ports:
            - port: "${from}"
              endPort: ${to}
              protocol: TCP
`);
}

function* check({ policy }: PolicyContext): Iterable<Finding> {
  if (!policy.value.rules.some(({ clauses }) => clauses.some(({ endPortAt }) => endPortAt !== undefined))) return;
  for (const item of ciliumEntries(policy).flatMap(portItems)) {
    for (const node of itemsOf(valueAt(item, 'ports'))) yield* faults(node, valueAt(item, 'rules') === undefined);
  }
}

/** Source: FACTS A4.3 (keysForRange). DNS rules take no range, so there the ends are not swapped. */
function* faults(node: YamlNode, mayBeRange: boolean): Generator<Finding> {
  const found = entryOf(node, 'endPort');
  const portNode = valueAt(node, 'port');
  const end = found?.value.kind === 'scalar' && !found.value.opaque ? found.value.value : undefined;
  const port = parsePort(stringOf(portNode) ?? '');
  if (found === undefined || portNode === undefined || typeof end !== 'number' || end === 0) return;
  if (port === undefined || node.kind !== 'map' || (typeof port === 'number' && port > 0 && end >= port)) return;
  const what =
    port === 0
      ? `port "0" is every port, and endPort ${end} does not limit it. Give the first port of the range, or remove endPort`
      : typeof port === 'string'
        ? `the port is given by the name ${port}, which has no range, so endPort counts for nothing. Give numbers, or remove endPort`
        : `endPort ${end} is below port ${port}, so only port ${port} is meant. Swap the two, or remove endPort`;
  const swap: Fix = {
    title: `Swap: port ${end}, endPort ${port}`,
    preferred: true,
    changes: () => {
      const edits = [replaceScalar(portNode, String(end)), replaceScalar(found.value, Number(port))];
      const known = edits.filter((edit) => edit !== undefined);
      return known.length < edits.length ? undefined : editOnly(known);
    },
  };
  yield {
    at: spanOf(found.value),
    message: `Cilium ignores this endPort: ${what}.`,
    fixes: [
      ...(typeof port === 'number' && port > 0 && mayBeRange ? [swap] : []),
      { title: 'Remove endPort, which has no effect', changes: () => editOnly(removeEntry(node, found)) },
    ],
  };
}

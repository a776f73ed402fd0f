import { extendedProtocols } from '../kinds/cilium/ports.js';
import { itemsOf } from '../kinds/entry.js';
import { entryOf, keySpan, type Span, spanOf, stringOf, valueAt } from '../text/tree.js';
import type { Scope } from '../workspace/scope.js';
import { ciliumEntries, portItems } from './cilium-entries.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const needsCiliumSetting = definePolicyRule({
  id: 'needs-cilium-setting',
  group: 'The cluster',
  families: ['cilium'],
  severity: 'hint',
  summary: 'A Cilium policy uses what Cilium does only where a setting turns it on.',
  everywhere: true,
  check,
});

export const needsCiliumSettingPage: RulePage = {
  what: `Tells of what a policy uses and Cilium does not do by default: policies about nodes (\`nodeSelector\`: the host firewall), peers that are nodes (\`fromNodes\`, \`toNodes\`), SCTP, and protocols such as VRRP.

It is a hint, once for each policy. Where the ConfigMap \`cilium-config\` is among the manifests it is silent if the setting is on, and a warning if it is \`"false"\`.`,
  why: `The policy is accepted either way. Without the host firewall a policy about nodes does nothing at all; without the others such an entry does nothing, or the agent refuses the policy, which \`kubectl apply\` does not show.`,
  bad: /* @__PURE__ */ example('false'),
  good: /* @__PURE__ */ example('true'),
  references: [
    'https://docs.cilium.io/en/stable/security/host-firewall/',
    'https://docs.cilium.io/en/stable/security/policy/language/#node-based',
    'https://docs.cilium.io/en/stable/configuration/sctp/',
  ],
};

function example(on: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: cilium-config
  namespace: kube-system
data:
  enable-host-firewall: "${on}"
  k8s-api-server: https://api.example.com:6443
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata:
  name: nodes
spec:
  nodeSelector:
    matchLabels:
      node-role.kubernetes.io/worker: ""
  ingress:
    - fromEntities: [cluster]
`;
}

interface Need {
  readonly setting: string;
  readonly what: string;
  readonly at: Span;
}

function* check({ scope, policy }: PolicyContext): Iterable<Finding> {
  const needs: Need[] = [];
  const need = (setting: string, what: string, at: Span) => {
    if (!needs.some((other) => other.setting === setting)) needs.push({ setting, what, at });
  };
  const nodes = entryOf(specOf(policy), 'nodeSelector');
  if (nodes !== undefined) need('enable-host-firewall', 'policies about nodes', keySpan(nodes));
  for (const entry of ciliumEntries(policy)) {
    const peers = entryOf(entry.node, entry.direction === 'ingress' ? 'fromNodes' : 'toNodes');
    if (peers !== undefined) need('enable-node-selector-labels', 'peers that are nodes', keySpan(peers));
    for (const port of portItems(entry).flatMap((item) => itemsOf(valueAt(item, 'ports')))) {
      const protocol = valueAt(port, 'protocol');
      const text = stringOf(protocol)?.toUpperCase() ?? '';
      if (protocol === undefined) continue;
      if (text === 'SCTP') need('enable-sctp', 'SCTP', spanOf(protocol));
      if (Object.hasOwn(extendedProtocols, text)) need('enable-extended-ip-protocols', text, spanOf(protocol));
    }
  }
  if (needs.length === 0) return;
  const config = configOf(scope);
  for (const { setting, what, at } of needs) {
    const said = entryOf(config, setting);
    const value = stringOf(said?.value);
    if (value === 'true') continue;
    const off = value === 'false';
    yield {
      ...(off ? { severity: 'warning' as const } : {}),
      at,
      message: `Cilium knows ${what} only with \`${setting}\` in its configuration, which is ${off ? 'off: the ConfigMap cilium-config says "false". Turn it on' : 'off unless somebody turns it on. Nothing here tells: look at the ConfigMap cilium-config'}.`,
      related: said === undefined || !off ? [] : [{ at: keySpan(said), message: 'It is off here' }],
    };
  }
}

/** What the ConfigMap of the agent says, where it is among the manifests. */
function configOf(scope: Scope) {
  const configs = [...scope.namespaces.values()].flatMap((content) => content.configs);
  return valueAt(configs.find(({ value }) => value.name === 'cilium-config')?.resource.node, 'data');
}

/**
 * Which runbooks of docs/runbooks treat the situation behind a rule's finding, the nearest first. It stands apart from the
 * rules, since a runbook is about a situation and not about a rule; the server, which shows no pages, does not carry it.
 */
interface Runbook {
  /** The file's name in docs/runbooks, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly rules: readonly string[];
}

export const runbooks: readonly Runbook[] = [
  {
    name: 'dns-fails',
    title: 'DNS fails after a policy for egress',
    rules: ['dns-egress-missing', 'dns-port-mismatch', 'node-local-dns-missing', 'namespace-by-custom-label'],
  },
  {
    name: 'ingress-controller-502',
    title: '502 or 504 from the ingress controller',
    rules: ['ingress-controller-blocked', 'service-port-not-target-port', 'host-network-pods'],
  },
  {
    name: 'not-enforced',
    title: 'Policies are not enforced',
    rules: ['cni-does-not-enforce', 'cni-lacks-feature'],
  },
  {
    name: 'pod-cannot-reach-pod',
    title: 'A pod cannot reach another pod',
    rules: [
      'needed-connection-blocked',
      'one-sided-allow',
      'service-port-not-target-port',
      'port-not-exposed',
      'named-port-unresolved',
      'named-port-protocol-mismatch',
      'peer-matches-nothing',
      'and-or-ambiguity',
      'ambient-hbone-missing',
      'service-cidr-peer',
    ],
  },
  {
    name: 'applied-but-still-blocked',
    title: 'Applied, and still blocked',
    rules: [
      'namespace-unknown',
      'selector-matches-nothing',
      'peer-matches-nothing',
      'namespace-by-custom-label',
      'and-or-ambiguity',
      'rules-without-policy-type',
      'service-port-not-target-port',
      'service-cidr-peer',
      'one-sided-allow',
      'host-network-pods',
      'api-server-ip-block',
      'pod-cidr-peer',
      'shadowed-rule',
    ],
  },
  {
    name: 'default-deny-black-hole',
    title: 'The default-deny black hole',
    rules: [
      'dns-egress-missing',
      'needed-connection-blocked',
      'ingress-controller-blocked',
      'metrics-scrape-blocked',
      'webhook-blocked',
      'probe-blocked',
      'missing-default-deny',
      'namespace-by-custom-label',
      'rules-without-policy-type',
    ],
  },
];

/** The runbooks for a rule, as Markdown links from docs/rules; none where no runbook is about it. */
export function runbookLinks(rule: string): readonly string[] {
  return runbooks
    .filter(({ rules }) => rules.includes(rule))
    .map(({ name, title }) => `Runbook: [${title}](../runbooks/${name}.md)`);
}

import { defaultProfile } from '../model/profile.js';
import type { YamlData } from '../text/edits.js';
import { familyPolicies } from './family-fragments.js';
import { dnsPeer, dnsRule, namespaceNamed, nodeLocalDnsRule } from './peers.js';
import { portList } from './policy.js';
import type { TabStops } from './tab-stops.js';

/** Where a fragment is written: as a document of its own, or as items of one of a policy's lists. */
export type FragmentPlace = 'document' | 'ingress' | 'egress' | 'peers' | 'ports';

/** A piece of a policy, or a policy to start from, that is only ever a snippet. */
export interface Fragment {
  readonly title: string;
  readonly description: string;
  readonly prefix: readonly string[];
  readonly place: FragmentPlace;
  data(tab: TabStops): YamlData;
}

const policies: readonly Fragment[] = [
  {
    title: 'NetworkPolicy',
    description: 'A policy to fill in: isolates one application for ingress and allows one peer on one port.',
    prefix: ['netpol', 'netpol-skeleton', 'np'],
    place: 'document',
    data: (tab) =>
      policy(tab, tab.stop('my-policy'), tab.stop('my-app'), {
        policyTypes: ['Ingress'],
        ingress: [{ from: [pods(tab.stop('my-client'))], ports: portList([tab.stop('8080')]) }],
      }),
  },
  {
    title: 'NetworkPolicy with ingress and egress',
    description:
      'Isolates one application in both directions; allows it ingress from another application OR from a whole namespace on a range of ports, and egress to a third application and to DNS.',
    prefix: ['netpol-policy', 'np-both'],
    place: 'document',
    data: (tab) =>
      policy(tab, `${tab.stop('api', 'app')}-policy`, tab.stop('api', 'app'), {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [pods(tab.stop('frontend')), { namespaceSelector: namespaceNamed(tab.stop('monitoring')) }],
            ports: range(tab.stop('8080'), tab.stop('8090')),
          },
        ],
        egress: [{ to: [pods(tab.stop('postgres'))], ports: portList([tab.stop('5432')]) }, dnsRule(defaultProfile)],
      }),
  },
];

const rules: readonly Fragment[] = [
  {
    title: 'Ingress rule',
    description: 'An item for "ingress": one peer in the own namespace, one port.',
    prefix: ['netpol-ingress-rule', 'np-ingress'],
    place: 'ingress',
    data: (tab) => [{ from: [pods(tab.stop('frontend'))], ports: portList([tab.stop('8080')]) }],
  },
  {
    title: 'Egress rule',
    description: 'An item for "egress": one peer in the own namespace, one port.',
    prefix: ['netpol-egress-rule', 'np-egress'],
    place: 'egress',
    data: (tab) => [{ to: [pods(tab.stop('postgres'))], ports: portList([tab.stop('5432')]) }],
  },
  {
    title: 'Ingress rule for addresses outside the cluster',
    description: 'An item for "ingress": an address range without parts of it, one port.',
    prefix: ['netpol-ingress-ipblock', 'np-ingress-ipblock'],
    place: 'ingress',
    data: (tab) => [
      {
        from: [block(tab.stop('10.0.0.0/8'), tab.stop('10.42.0.0/16'), tab.stop('10.96.0.0/12'))],
        ports: portList([tab.stop('443')]),
      },
    ],
  },
  {
    title: 'Egress rule for the internet without the metadata service',
    description: 'An item for "egress": every IPv4 address except link-local ones, on every port.',
    prefix: ['netpol-egress-internet', 'np-internet'],
    place: 'egress',
    data: (tab) => [{ to: [block('0.0.0.0/0', tab.stop('169.254.0.0/16'))] }],
  },
  {
    title: 'Egress rule for DNS',
    description: 'An item for "egress": UDP and TCP 53 to the cluster DNS.',
    prefix: ['netpol-dns-rule', 'np-dns-rule'],
    place: 'egress',
    data: () => [dnsRule(defaultProfile)],
  },
  {
    title: 'Egress rule for NodeLocal DNSCache',
    description: 'An item for "egress": UDP and TCP 53 to the address of NodeLocal DNSCache.',
    prefix: ['netpol-node-local-dns-rule', 'np-node-local-dns'],
    place: 'egress',
    data: () => [nodeLocalDnsRule({ ...defaultProfile, nodeLocalDns: '169.254.20.10' }) ?? {}],
  },
];

const peers: readonly Fragment[] = [
  {
    title: 'Peer: namespace AND pods',
    description: 'One item for "from" or "to": the pods with this label in this one namespace.',
    prefix: ['netpol-peer-and', 'np-and'],
    place: 'peers',
    data: (tab) => [{ namespaceSelector: namespaceNamed(tab.stop('production')), ...pods(tab.stop('frontend')) }],
  },
  {
    title: 'Peers: pods OR namespace',
    description:
      'Two items for "from" or "to": the pods with this label in the own namespace, and every pod of the other namespace.',
    prefix: ['netpol-peers-or', 'np-or'],
    place: 'peers',
    data: (tab) => [pods(tab.stop('frontend')), { namespaceSelector: namespaceNamed(tab.stop('production')) }],
  },
  {
    title: 'Peer: pods of the own namespace',
    description: 'One item for "from" or "to": the pods with this label in the own namespace.',
    prefix: ['netpol-peer-pods', 'np-pods'],
    place: 'peers',
    data: (tab) => [pods(tab.stop('frontend'))],
  },
  {
    title: 'Peer: a whole namespace',
    description: 'One item for "from" or "to": every pod of this namespace.',
    prefix: ['netpol-peer-namespace', 'np-namespace'],
    place: 'peers',
    data: (tab) => [{ namespaceSelector: namespaceNamed(tab.stop('production')) }],
  },
  {
    title: 'Peer: the cluster DNS',
    description: 'One item for "to": the DNS pods in kube-system.',
    prefix: ['netpol-peer-dns', 'np-peer-dns'],
    place: 'peers',
    data: () => [dnsPeer(defaultProfile)],
  },
  {
    title: 'Peer: address range',
    description: 'One item for "from" or "to": addresses outside the cluster.',
    prefix: ['netpol-ipblock', 'np-cidr'],
    place: 'peers',
    data: (tab) => [{ ipBlock: { cidr: tab.stop('203.0.113.0/24') } }],
  },
  {
    title: 'Peer: address range with exceptions',
    description: 'One item for "from" or "to": addresses outside the cluster, without a part of them.',
    prefix: ['netpol-ipblock-except', 'np-except'],
    place: 'peers',
    data: (tab) => [block(tab.stop('10.0.0.0/8'), tab.stop('10.42.0.0/16'))],
  },
];

const ports: readonly Fragment[] = [
  {
    title: 'Port by number',
    description: 'An item for "ports": one TCP port.',
    prefix: ['netpol-port', 'np-port'],
    place: 'ports',
    data: (tab) => portList([tab.stop('8080')]),
  },
  {
    title: 'Port by name',
    description:
      'An item for "ports": the TCP port of this name, whatever its number is on each pod that is connected to.',
    prefix: ['netpol-named-port', 'np-port-name'],
    place: 'ports',
    data: (tab) => portList([tab.stop('http-api')]),
  },
  {
    title: 'Port range',
    description: 'An item for "ports": TCP ports from the first to the last, both included.',
    prefix: ['netpol-port-range', 'np-port-range'],
    place: 'ports',
    data: (tab) => range(tab.stop('10000'), tab.stop('11000')),
  },
  {
    title: 'UDP port',
    description: 'An item for "ports": one UDP port.',
    prefix: ['netpol-port-udp', 'np-udp'],
    place: 'ports',
    data: (tab) => portList([`${tab.stop('53')}/UDP`]),
  },
  {
    title: 'SCTP port',
    description: 'An item for "ports": one SCTP port, for network plugins that know SCTP.',
    prefix: ['netpol-port-sctp', 'np-sctp'],
    place: 'ports',
    data: (tab) => portList([`${tab.stop('9999')}/SCTP`]),
  },
];

/** All of them. Only snippets are made of them, so that the server does without. */
export function fragments(): readonly Fragment[] {
  return [...policies, ...familyPolicies, ...rules, ...peers, ...ports];
}

function policy(tab: TabStops, name: string, app: string, spec: { readonly [key: string]: YamlData }): YamlData {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: tab.stop('my-namespace') },
    spec: { ...pods(app), ...spec },
  };
}

function pods(app: string) {
  return { podSelector: { matchLabels: { app } } };
}

function block(cidr: string, ...except: readonly string[]) {
  return { ipBlock: { cidr, except } };
}

function range(first: string, last: string): YamlData {
  return [{ protocol: 'TCP', port: first, endPort: last }];
}

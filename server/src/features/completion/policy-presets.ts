import type { Kind } from '../../kinds/kind.js';
import { list } from '../../model/print.js';
import type { ClusterProfile } from '../../model/profile.js';
import { dnsRule } from '../../templates/peers.js';
import type { YamlPath } from '../../text/tree.js';
import type { Preset } from './field-completion.js';
import { entriesOf, type Shape, shapeOf } from './shape-text.js';

/** Ready-made entries for a map of a policy: what takes several fields, or is more than its field alone says. */
export function policyPresets(kind: Kind, path: YamlPath, profile: ClusterProfile): readonly Preset[] {
  const group = kind.apiVersions[0]?.split('/')[0];
  const place = path.filter((step) => typeof step === 'string').join('.');
  if (group === 'cilium.io') return ciliumPresets(place, profile);
  const isPlain = kind.kind === 'NetworkPolicy' && group === 'networking.k8s.io';
  if (!isPlain && kind.kind !== 'StagedKubernetesNetworkPolicy') return [];
  if (place === 'spec') return specPresets;
  if (place === 'spec.egress') return [dnsPreset(profile)];
  return place === 'spec.ingress.from' || place === 'spec.egress.to' ? peerPresets : [];
}

const app: Shape = { matchLabels: { '': '<>' } };

const specPresets: readonly Preset[] = [
  {
    label: 'podSelector: {}',
    doc: 'The policy is about every pod of its namespace.',
    entries: { podSelector: '{}' },
  },
  {
    label: 'policyTypes: Ingress and Egress',
    doc: 'The selected pods become isolated in both directions: only what some policy allows passes, DNS included.',
    entries: { policyTypes: ['Ingress', 'Egress'] },
  },
];

const peerPresets: readonly Preset[] = [
  {
    label: 'namespaceSelector AND podSelector',
    doc: 'One peer: pods with these labels AND in these namespaces. As two items of the list it would be OR.',
    entries: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '<>' } }, podSelector: app },
  },
  {
    label: 'ipBlock with except',
    doc: 'Addresses outside the cluster, without a part of them.',
    entries: { ipBlock: { cidr: '<>', except: ['<169.254.0.0/16>'] } },
  },
];

function dnsPreset(profile: ClusterProfile): Preset {
  return {
    label: 'DNS',
    doc: 'Lets the selected pods look up names at the cluster’s DNS.',
    entries: entriesOf(dnsRule(profile)),
  };
}

function ciliumPresets(place: string, { dns: [dns] }: ClusterProfile): readonly Preset[] {
  const labels = Object.fromEntries([
    ['k8s:io.kubernetes.pod.namespace', dns.namespace],
    ...[...dns.labels].map(([key, value]) => [`k8s:${key}`, value]),
  ]);
  const lookups: Preset['entries'] = {
    toEndpoints: [{ matchLabels: shapeOf(labels) }],
    toPorts: [
      {
        ports: [{ port: `"${dns.port}"`, protocol: 'ANY' }],
        rules: { dns: [{ matchPattern: '"<*>"' }] },
      },
    ],
  };
  const direction = /^specs?\.egress$/.test(place);
  if (direction) {
    return [
      {
        label: 'DNS, and the names that may be looked up',
        doc: 'Lets the selected pods look up names, and has Cilium learn their addresses: toFQDNs needs it.',
        entries: lookups,
      },
    ];
  }
  if (!/^specs?$/.test(place)) return [];
  return [
    {
      label: 'egress to domain names, with DNS',
      doc: `Two entries: the look-up of names at the cluster’s DNS (${list(Object.values(labels), 4)}), and the connections to the addresses that it gave.`,
      entries: {
        egress: [
          lookups,
          { toFQDNs: [{ matchName: '<>' }], toPorts: [{ ports: [{ port: '"<443>"', protocol: 'TCP' }] }] },
        ],
      },
    },
  ];
}

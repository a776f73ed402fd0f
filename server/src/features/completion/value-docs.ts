/** What a fixed value means, where its field's own words do not say it of each; undefined where they do. */
export function docOfValue(key: string, value: string): string | undefined {
  const docs = Object.hasOwn(byField, key) ? byField[key] : undefined;
  return docs !== undefined && Object.hasOwn(docs, value) ? docs[value] : undefined;
}

const directions = {
  Ingress: 'What the selected pods receive: they become isolated for ingress.',
  Egress: 'What the selected pods send: they become isolated for egress, DNS included.',
};

/** Source: FACTS A1 to A4. */
const byField: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  policyTypes: directions,
  types: directions,
  operator: {
    In: 'The label is there and has one of the values.',
    NotIn: 'The label has none of the values, or is not there.',
    Exists: 'The label is there, with any value. Takes no values.',
    DoesNotExist: 'The label is not there. Takes no values.',
  },
  action: {
    Allow: 'Let it through.',
    Accept: 'Let it through: no later policy can deny it.',
    Deny: 'Drop it: no later policy can allow it.',
    Pass: 'Leave it to what is judged later.',
    Log: 'Note it, and go on with the next rule.',
  },
  tier: {
    Admin: 'Judged before the NetworkPolicies of namespaces.',
    Baseline: 'Judged where no NetworkPolicy isolates the pod.',
  },
  defaultAction: {
    Deny: 'What no rule of the tier decides is dropped.',
    Pass: 'What no rule of the tier decides is left to the next tier.',
  },
  protocol: {
    TCP: 'Connections, such as HTTP and most databases.',
    UDP: 'Datagrams, such as DNS and QUIC.',
    SCTP: 'Connections of SCTP; not every network plugin knows it.',
    ANY: 'TCP, UDP and SCTP.',
    ICMP: 'ICMP, such as ping, for IPv4. It has no ports.',
    ICMPv6: 'ICMP for IPv6. It has no ports.',
  },
  fromEntities: entityDocs('from'),
  toEntities: entityDocs('to'),
  mode: {
    required: 'Both ends have to prove who they are.',
    disabled: 'Nobody has to prove anything.',
  },
};

function entityDocs(way: 'from' | 'to') {
  const end = way === 'from' ? 'source' : 'destination';
  return {
    all: `Every ${end}, inside and outside of the cluster.`,
    world: 'Everything outside of the cluster.',
    cluster: 'Everything inside of this cluster: pods, nodes, and what Cilium does not manage.',
    host: 'The node that the pod runs on.',
    init: 'Endpoints whose identity is not known yet.',
    ingress: 'Cilium’s own Ingress and Gateway proxy.',
    unmanaged: 'Pods that Cilium does not manage.',
    'remote-node': 'The other nodes, of this cluster and of connected ones.',
    health: 'Cilium’s own health checks.',
    none: 'Nobody.',
    'kube-apiserver': 'The API server of the cluster.',
    'cluster-mesh': 'Pods of clusters that are connected to this one.',
  };
}

/**
 * A case in which netpol means to answer unlike np-guard's analyzer. What causes it is taken away by `manifests` or `lines`,
 * and then both must say the same, so that a difference for any other reason shows.
 */
export interface Difference {
  /** Its heading in docs/differences.md. */
  readonly heading: string;
  /** A file of the case without the cause. */
  readonly manifests?: (text: string) => string;
  /** What netpol says without the cause. */
  readonly lines?: (lines: readonly string[]) => readonly string[];
}

const hostNetwork: Difference = {
  heading: 'Pods on their node’s network',
  manifests: (text) => text.replaceAll(/"?hostNetwork"?: true,?/g, ''),
};

const ipv6: Difference = {
  heading: 'IPv6',
  lines: (lines) => lines.filter((line) => !/[0-9a-f:]+-[0-9a-f]*:[0-9a-f:]*\[External\]/.test(line)),
};

/** By the folder of the case; for lists of everything in it. */
export const differences: Readonly<Record<string, Difference>> = {
  multiple_topology_resources_1: hostNetwork,
  'semanticDiff-same-topologies-old1': hostNetwork,
  'semanticDiff-same-topologies-old2': hostNetwork,
  'semanticDiff-same-topologies-old3': hostNetwork,
  'semanticDiff-same-topologies-new1': hostNetwork,
  'semanticDiff-same-topologies-new1a': hostNetwork,
  'semanticDiff-same-topologies-new2': hostNetwork,
  'semanticDiff-same-topologies-new3': hostNetwork,
  ipblockstest_2: hostNetwork,
  ipblockstest_3: hostNetwork,
  ipblockstest_4: hostNetwork,
  anp_and_banp_using_networks_with_ipv6_test: ipv6,
  anp_banp_test_multiple_warnings: ipv6,
  document_with_syntax_error: {
    heading: 'Files with a broken document',
    manifests: (text) => {
      const broken = text.indexOf('{{ prin');
      return broken < 0 ? text : text.slice(0, text.lastIndexOf('\n---', broken));
    },
  },
  k8s_ingress_test_new: {
    heading: 'An Ingress that names a port the service does not have',
    // The Ingress sends to the service's port 8080: give it one, and it leads to the pods.
    manifests: (text) => text.replace(/port: 5000(?=\s+targetPort: 8080)/, 'port: 8080'),
  },
};

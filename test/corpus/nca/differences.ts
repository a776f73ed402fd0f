import type { Cluster } from '#server/engine/cluster.js';
import { parseAddress } from '#server/model/addresses.js';

/**
 * A query that netpol means to answer unlike nca. What causes it is taken away by `manifests` or `cluster`, and then both
 * must say the same, so that a difference for any other reason shows.
 */
export interface Difference {
  /** Its heading in docs/differences.md. */
  readonly heading: string;
  /** A file of the query without the cause. */
  readonly manifests?: (text: string) => string;
  /** A cluster of the query without the cause. */
  readonly cluster?: (cluster: Cluster) => Cluster;
}

const hostNetwork: Difference = {
  heading: 'Pods on their node’s network, in comparisons',
  cluster: (cluster) => ({ ...cluster, pods: cluster.pods.map((pods) => ({ ...pods, hostNetwork: false })) }),
};

/** An address of a list without a prefix becomes a block of one. */
const withPrefixes = (text: string) =>
  text.replace(
    /^(\s*- )([\d.]+|[\da-f:]*:[\da-f:]*)(?=\s*(#.*)?$)/gm,
    (_, dash: string, address: string) => `${dash}${address}/${address.includes(':') ? 128 : 32}`,
  );

const bareAddresses: Difference = { heading: 'Addresses without a prefix', manifests: withPrefixes };

const withAddress = (text: string) => (cluster: Cluster) => {
  const address = parseAddress(text);
  const addresses = address === undefined ? [] : [address];
  return { ...cluster, pods: cluster.pods.map((pods) => ({ ...pods, addresses })) };
};

const addressesOfPods: Difference = {
  heading: 'Addresses that pods may have',
  manifests: withPrefixes,
  cluster: withAddress('10.0.0.9'),
};

/** Two halves are every address as well, and none of them is sure to hold a pod. */
const everyAddress: Difference = {
  heading: 'Addresses that pods may have',
  manifests: (text) =>
    text
      .replace(/^(\s*- )(["']?)0\.0\.0\.0\/0\2\s*$/gm, '$10.0.0.0/1\n$1128.0.0.0/1')
      .replace(/^(\s*- )(["']?)::\/0\2\s*$/gm, '$1"::/1"\n$1"8000::/1"'),
};

const nets = 'calico_testcases/example_policies/testcase16-nets/testcase16-scheme.yaml';
const sanity = 'calico_testcases/example_policies/testcase17-sanity/testcase17-scheme.yaml';
const topologies = 'k8s_testcases/example_policies/tests-different-topologies';

/** By the query. */
export const differences: Readonly<Record<string, Difference>> = {
  [`${nets}: equiv_all_range1`]: addressesOfPods,
  [`${nets}: equiv_all_range1_yaml`]: addressesOfPods,
  [`${nets}: equiv_all_range1_json`]: addressesOfPods,
  [`${nets}: contained_all_ranges_not_specifiying`]: everyAddress,
  [`${nets}: no_contained_all_range_no_field`]: everyAddress,
  [`${nets}: contaiment_nets_not_nets_games`]: bareAddresses,
  [`${nets}: redundancy_nets_notNets_games`]: bareAddresses,
  [`${sanity}: sanity_np_conflict2`]: bareAddresses,
  [`${sanity}: sanity_np_np_only_deny_containment`]: bareAddresses,
  [`${topologies}/semanticDiff-multiple-resources-scheme.yaml: semantic_diff_old1_new1`]: hostNetwork,
  [`${topologies}/semanticDiff-same-topologies-scheme.yaml: semantic_diff_old1_new1`]: hostNetwork,
  [`${topologies}/semanticDiff-same-topologies-scheme.yaml: semantic_diff_old1_new1a`]: hostNetwork,
  [`${topologies}/semanticDiff-same-topologies-scheme.yaml: semantic_diff_old2_new2`]: hostNetwork,
};

import { resourcesOf } from '../kinds/index.js';
import type { Resource } from '../kinds/kind.js';
import type { NamedAddresses } from '../model/address-set.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import { networkPolicyOrder } from '../model/tier.js';
import type { Place } from '../model/workload.js';
import { documentOf } from '../text/document.js';
import { renderYaml, type YamlData } from '../text/render.js';
import { entryOf, isNull, keySpan, keyText, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import { type ConvertedFamily, kindNames, type PlainPolicy } from './plain-policy.js';
import { type Loss, readPlain } from './read-plain.js';
import { asksForPods } from './requirements.js';
import { writeCalico } from './write-calico.js';
import { writeCilium } from './write-cilium.js';
import { writeKubernetes } from './write-kubernetes.js';

export { convertedText } from './comments.js';
export { replaceBy } from './edit.js';
export { type ConvertedFamily, kindNames } from './plain-policy.js';
export type { Loss } from './read-plain.js';

/** A policy in the words of another family, or why it is none. */
export interface Conversion {
  /** The object; undefined where anything would be lost. */
  readonly object: { readonly [key: string]: YamlData } | undefined;
  /** What the other family cannot say, in the order of the text. Empty where there is an object. */
  readonly losses: readonly Loss[];
  /** Whole sentences for the person who converts. */
  readonly notes: readonly string[];
}

/** What stands around the policy, as far as it bears on what the policy means. */
export interface Surroundings {
  readonly policies: readonly Policy[];
  readonly addressSets: readonly NamedAddresses[];
}

const writers: Readonly<Record<ConvertedFamily, (policy: PlainPolicy) => { readonly [key: string]: YamlData }>> = {
  kubernetes: writeKubernetes,
  calico: writeCalico,
  cilium: writeCilium,
};

/**
 * A policy of one namespace as one of another family that allows the same connections, by itself and among others.
 * Undefined for what is no such policy, and for one of that family. Source: FACTS B1, B4, B5, A3.7.
 */
export function convert(resource: Resource, to: ConvertedFamily, around: Surroundings): Conversion | undefined {
  if (resource.object?.type !== 'policy') return undefined;
  const policy = resource.object.value;
  if (policy.family === to) return undefined;
  const losses: Loss[] = [];
  const lose = (at: Place, what: string): undefined => {
    if (!losses.some((loss) => loss.at.range.start === at.range.start && loss.what === what)) losses.push({ at, what });
  };
  loseWhole(resource, policy, around, lose);
  if (losses.length > 0) return { object: undefined, losses, notes: [] };
  const plain = { ...readPlain(policy, to, lose), metadata: metadataOf(resource.node), besideSets: hasSets(around) };
  if (to === 'kubernetes' && plain.isolates.length === 0) lose(policy.at, 'it isolates no pods');
  if (policy.family === 'calico') loseAddressSets(policy, around, lose);
  const object = writers[to](plain);
  if (losses.length === 0) for (const what of refusalsOf(object)) lose(policy.at, what);
  if (losses.length > 0)
    return { object: undefined, losses: losses.toSorted((a, b) => a.at.range.start - b.at.range.start), notes: [] };
  return { object, losses: [], notes: notesOf(resource, policy, plain, to) };
}

/** What keeps the policy as a whole from being converted. */
function loseWhole(resource: Resource, policy: Policy, around: Surroundings, lose: (at: Place, what: string) => void) {
  const { kind, node } = resource;
  const problems = kind.check?.(node, { kubernetesVersion: undefined }) ?? [];
  const faults = problems.filter(({ severity }) => severity === undefined);
  for (const { at, message } of faults) lose(at, `it is wrong: ${message}`);
  if (policy.uncertain && faults.length === 0)
    lose(policy.at, 'part of it is not known, such as what a template writes');
  if (policy.clusterWide) lose(policy.kindAt, 'it is for the whole cluster');
  if (policy.staged) lose(policy.kindAt, 'it is only watched, and not enforced');
  if ((kind.readMore?.(node) ?? []).length > 0) lose(policy.at, 'it holds several policies (specs)');
  if (policy.clusterWide || policy.family !== 'calico') return;
  const { tierName = 'default', priority } = policy.order;
  const spec = valueAt(node, 'spec');
  const place = (key: string) => {
    const entry = entryOf(spec, key);
    return entry === undefined ? policy.at : keySpan(entry);
  };
  if (tierName !== 'default') lose(place('tier'), `it stands in the tier ${tierName}`);
  // Where all others only allow, the order among them decides nothing.
  const decides = around.policies.some(
    (other) =>
      other !== policy &&
      other.family === 'calico' &&
      other.staged !== true &&
      (other.order.tierName ?? 'default') === 'default' &&
      other.rules.some(({ action }) => action !== 'Allow'),
  );
  if (priority !== networkPolicyOrder && decides)
    lose(place('order'), `its order decides, among policies that deny; there it would be ${networkPolicyOrder}`);
}

/** A selector of Calico chooses sets of addresses, too (FACTS A3.6); those of the others do not. */
function loseAddressSets(policy: Policy, around: Surroundings, lose: (at: Place, what: string) => void) {
  if (!hasSets(around)) return;
  for (const { peers } of policy.rules) {
    for (const peer of peers)
      if (peer.kind === 'pods' && !asksForPods(peer.pods))
        lose(peer.at, 'its selector may choose sets of addresses as well, which are here');
  }
}

function hasSets({ addressSets }: Surroundings): boolean {
  return addressSets.some(({ kind }) => kind !== 'CiliumCIDRGroup');
}

/** Why the API server would refuse what came out: lists that are too long, a name that is not allowed there. */
function refusalsOf(object: YamlData): readonly string[] {
  const [made] = resourcesOf(documentOf('converted:policy.yaml', renderYaml(object)));
  const problems = made?.kind.check?.(made.node, { kubernetesVersion: undefined }) ?? [];
  return problems
    .filter(({ severity }) => severity === undefined)
    .map(({ message }) => `it would be refused: ${message}`);
}

const keptMetadata = ['name', 'generateName', 'namespace'];

function metadataOf(node: YamlNode): { readonly [key: string]: YamlData } {
  const metadata = valueAt(node, 'metadata');
  const texts = keptMetadata.flatMap((key) => {
    const text = stringOf(valueAt(metadata, key));
    return text === undefined ? [] : [[key, text] as const];
  });
  const maps = ['labels', 'annotations'].flatMap((key) => {
    const pairs = pairsOf(valueAt(metadata, key));
    return pairs.length === 0 ? [] : [[key, Object.fromEntries(pairs)] as const];
  });
  return Object.fromEntries([...texts, ...maps]);
}

/** But for what kubectl keeps of the object that this one was. */
function pairsOf(node: YamlNode | undefined): readonly (readonly [string, string])[] {
  return (node?.kind === 'map' ? node.entries : []).flatMap((entry) => {
    const [key, text] = [keyText(entry), stringOf(entry.value)];
    return text === undefined || key === 'kubectl.kubernetes.io/last-applied-configuration' ? [] : [[key, text]];
  });
}

/** Keys that are left out, and do not bear on what is allowed. */
const silentKeys = ['performanceHints', 'labels', 'description', 'log'];

function notesOf({ node }: Resource, policy: Policy, plain: PlainPolicy, to: ConvertedFamily): readonly string[] {
  const spec = valueAt(node, 'spec');
  const left = silentKeys.filter((key) => !isNull(valueAt(spec, key)));
  const counting = policy.directions ?? policy.isolates;
  const idle = (['ingress', 'egress'] as const).filter(
    (direction) => !counting.includes(direction) && policy.rules.some((rule) => rule.direction === direction),
  );
  const peers = plain.rules.flatMap((rule) => rule.peers ?? []);
  const notes = [
    `It is another object: when the ${kindNames[to]} is applied, delete the ${kindNames[policy.family === 'cluster' ? 'kubernetes' : policy.family]}.`,
  ];
  if (idle.length > 0) notes.push(`Its ${idle.join(' and ')} rules do nothing, and are left out.`);
  if (left.length > 0) notes.push(`Left out, since it bears on no connection: ${left.join(', ')}.`);
  if ((to === 'cilium') !== (policy.family === 'cilium') && peers.some(({ kind }) => kind === 'block')) {
    notes.push(
      'Cilium applies address ranges to what is outside of the cluster, and other plugins also to pods that have such an address.',
    );
  }
  if (
    to === 'cilium' &&
    peers.some((peer) => peer.kind === 'pods' && peer.namespaces?.some(({ key }) => key !== namespaceNameKey))
  )
    notes.push('It asks for labels of namespaces, which older versions of Cilium do not look at in such a policy.');
  return notes;
}

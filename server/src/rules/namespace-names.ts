import { nearest } from '../kinds/nearest.js';
import type { PodPeer, RequirementSource } from '../model/peer.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Scope } from '../workspace/scope.js';
import { isTransposed } from './did-you-mean.js';
import { isClusterNamespace } from './well-known.js';

/** The names of namespaces that the manifests declare, or put something into. */
export function knownNames(scope: Scope): ReadonlySet<string> {
  const names = new Set(scope.namespaceObjects.keys());
  for (const { ref } of scope.namespaces.values()) if (ref.name !== undefined) names.add(ref.name);
  return names;
}

/** The one of some names that another is likely a slip of. */
export function nearNamespace(name: string, among: Iterable<string>): string | undefined {
  const near = [...among].filter((other) => isNearName(name, other));
  return nearest(name, near) ?? near[0];
}

/** `team-1` and `team-2`, `shop-dev` and `shop-uat` are different namespaces; a slip changes a letter within a word. */
function isNearName(name: string, other: string): boolean {
  if (name === other || name.length < 4 || other.length < 4) return false;
  const words = (text: string) => text.split('-');
  const [mine, theirs] = [words(name), words(other)];
  if (mine.length !== theirs.length) return name.replaceAll('-', '') === other.replaceAll('-', '');
  const changed = mine.flatMap((word, index) => (word === theirs[index] ? [] : [[word, theirs[index] ?? ''] as const]));
  const [pair, ...more] = changed;
  if (pair === undefined || more.length > 0) return false;
  const [word, meant] = pair;
  return (
    !/\d/.test(word + meant) && word.length > 3 && (nearest(word, [meant]) !== undefined || isTransposed(word, meant))
  );
}

/** How a label that stands for a namespace's name is known to be set. */
export interface NameLabel {
  readonly requirement: RequirementSource;
  /**
   * 'by-hand': on the Namespace objects; 'nowhere': the objects are there and lack it; 'unseen': no object tells;
   * 'misspelt': the key is a slip of the one that every namespace has.
   */
  readonly set: 'by-hand' | 'nowhere' | 'unseen' | 'misspelt';
}

/**
 * The requirement of a peer that chooses namespaces, or leaves them out, by their names in a label that somebody has to
 * set: `name`, `ns` or `namespace`. Undefined where the selector has the API server's own label as well, where the value
 * is no known namespace's name, and where the label means something else: it is on a namespace of another name.
 */
export function nameLabelOf(scope: Scope, profile: ClusterProfile, peer: PodPeer): NameLabel | undefined {
  const requirements = peer.namespaces.own ? [] : (peer.namespaceSource?.requirements ?? []);
  if (requirements.some(({ key }) => key === namespaceNameKey)) return undefined;
  for (const requirement of requirements) {
    const { op } = requirement.selector;
    if ((op !== 'In' && op !== 'NotIn') || requirement.values.length === 0) continue;
    const { key } = requirement;
    if (isMisspelt(key)) return isSeen(scope, key) ? undefined : { requirement, set: 'misspelt' };
    if (!/^(?:name|namespace|ns)$/i.test(key)) continue;
    const set = howSet(scope, profile, requirement);
    if (set !== undefined) return { requirement, set };
  }
  return undefined;
}

function isMisspelt(key: string): boolean {
  return key === 'metadata.name' || (key.includes('/') && nearest(key, [namespaceNameKey]) !== undefined);
}

function isSeen(scope: Scope, key: string): boolean {
  return scope.declaredNamespaces.some(({ value }) => value.labels.has(key));
}

function howSet(
  scope: Scope,
  profile: ClusterProfile,
  { key, values }: RequirementSource,
): Exclude<NameLabel['set'], 'misspelt'> | undefined {
  const known = knownNames(scope);
  const names = values.map(({ value }) => value);
  if (!names.every((name) => known.has(name) || isClusterNamespace(profile, name))) return undefined;
  const objects = scope.declaredNamespaces.map(({ value }) => value);
  if (objects.some(({ name, labels }) => labels.get(key) !== name && names.includes(labels.get(key) ?? ''))) {
    return undefined;
  }
  const asked = objects.filter(({ name }) => names.includes(name));
  if (asked.some(({ name, labels, openLabels }) => openLabels || (labels.get(key) ?? name) !== name)) return undefined;
  const bare = new Set(asked.filter(({ labels }) => !labels.has(key)).map(({ name }) => name));
  // Files of a folder may be variants: some of them give the label.
  if (asked.some(({ name, labels }) => labels.has(key) && bare.has(name))) return undefined;
  if (bare.size > 0) return 'nowhere';
  return names.every((name) => asked.some((each) => each.name === name)) ? 'by-hand' : 'unseen';
}

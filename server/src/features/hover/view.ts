import type { Direction } from '../../model/policy.js';
import type { Place } from '../../model/workload.js';

/** The effective allow set in words, ready to be laid out as Markdown or as text. */
export interface EffectiveView {
  readonly name: string;
  readonly kind: string;
  /** The namespace's name; null where the manifests leave it open. */
  readonly namespace: string | null;
  readonly where: string;
  /** Which pods it is about: "selects 2 workloads: api and web". */
  readonly subject: string;
  /** The workloads it is about, as namespace/name; there may be thousands, so only who wants them works them out. */
  readonly selects: () => readonly string[];
  readonly directions: readonly DirectionView[];
  /** What else bears on the same pods, a sentence each. */
  readonly others: readonly Sentence[];
  readonly uncertain: boolean;
}

export interface DirectionView {
  readonly direction: Direction;
  readonly state: 'open' | 'isolated';
  readonly sentence: Sentence;
  readonly isolatedBy: readonly NamedPlace[];
  /** Rules that are asked one after the other before those that only allow. */
  readonly before: readonly OrderedRow[];
  readonly rows: readonly AllowRow[];
  /** What is left out, after the rows. */
  readonly closing: string | undefined;
  /** Cluster-wide rules that are asked where no network policy isolates the pods. */
  readonly after: readonly OrderedRow[];
  readonly warnings: readonly string[];
}

/** Words, some of which name a place that a layout may link to. */
export type Sentence = readonly (string | LinkedWords)[];

export interface LinkedWords {
  readonly words: string;
  readonly place: NamedPlace;
}

/** The sentence as plain text. */
export function wordsOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.words)).join('');
}

export function placesOf(sentence: Sentence): readonly NamedPlace[] {
  return sentence.flatMap((part) => (typeof part === 'string' ? [] : [part.place]));
}

export interface NamedPlace {
  readonly label: string;
  readonly at: Place;
}

/** One part of what is allowed. */
export interface AllowRow {
  readonly ports: string;
  readonly who: string;
  /** The workloads it comes to, or undefined where that cannot be said. */
  readonly workloads: string | undefined;
  /** The workloads that surely match, as namespace/name, worked out when they are asked for; undefined where the peer is no selector of pods. */
  readonly matches: (() => readonly string[]) | undefined;
  readonly by: NamedPlace;
}

/** One rule that is asked in its turn: the first that matches decides. */
export interface OrderedRow {
  readonly action: 'allows' | 'denies' | 'passes on' | 'logs';
  readonly ports: string;
  readonly who: string;
  /** The tier that it stands in, where tiers have names: what it passes on goes to the next one. */
  readonly tier: string | undefined;
  /** Its policy selects only some of the pods, or may select them. */
  readonly partly: boolean;
  readonly by: NamedPlace;
}

/** Where a rule that passes on leads to, in words that follow its ends. */
export function behind({ action, tier }: OrderedRow): string {
  return action === 'passes on' && tier !== undefined ? `, to what is behind tier ${tier}` : '';
}

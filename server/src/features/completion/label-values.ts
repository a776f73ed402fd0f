import { identityKeys, lasts } from '../../engine/pod-labels.js';
import { namespaceNameKey } from '../../model/pod-facts.js';
import { count, list } from '../../model/print.js';
import type { KnownText } from './field-completion.js';
import { type KnownSite, mostKnown, othersInList, pairAt, textAt } from './known-site.js';
import { type Carriers, carriersOf, type LabelCounts } from './label-counts.js';
import { type LabelGroup, labelGroups } from './label-groups.js';
import { selectorPlace } from './selector-place.js';

/**
 * Labels that a selector may ask for, of the objects that it can choose, with how many carry them; in a map first whole
 * pairs (`app: api`), then keys. Undefined where the place is in no selector.
 */
export function labelValues(site: KnownSite): readonly KnownText[] | undefined {
  const at = selectorPlace(site);
  if (at === undefined) return undefined;
  const groups = site.scopes.flatMap((where) => labelGroups(site, at, where));
  const { key } = at;
  if (at.part === 'value') return key === undefined ? [] : best(groups.map((group) => valuesOf(site, group, key)));
  const keys = best(groups.map((group) => keysOf(site, group)));
  // In matchExpressions the key is a value.
  if (!at.inMap) return keys.map(({ isKey: _, ...each }) => ({ ...each, text: textAt(site.place, each.text) }));
  if (site.place.hasColon) return keys;
  const pairs = best(groups.map((group) => pairsOf(site, group)));
  // Where there are very many pairs, some keys are offered all the same.
  return [...pairs.slice(0, mostKnown - Math.min(keys.length, mostKeys)), ...keys];
}

const mostKeys = 50;

interface Ranked extends KnownText {
  /** Higher for the keys under which people write what something is; below zero for what passes with a release. */
  readonly rank: number;
  readonly order: number;
}

function best(groups: readonly (readonly Ranked[])[]): readonly KnownText[] {
  const all = groups.flat().sort((a, b) => byUse(a, b) || (a.text < b.text ? -1 : 1));
  return all.map(({ rank: _, order: __, ...text }) => text);
}

interface Counted {
  readonly rank: number;
  /** The group's place among the others. */
  readonly order?: number;
  readonly count?: number;
}

/** What tells most objects first; what passes last. */
function byUse(a: Counted, b: Counted): number {
  return (
    (a.order ?? 0) - (b.order ?? 0) ||
    Number(a.rank < 0) - Number(b.rank < 0) ||
    (b.count ?? 0) - (a.count ?? 0) ||
    b.rank - a.rank
  );
}

function rankOf(key: string): number {
  if (!lasts(key)) return -1;
  return [...identityKeys, namespaceNameKey].includes(key) ? 1 : 0;
}

function keysOf(site: KnownSite, group: LabelGroup): readonly Ranked[] {
  return [...group.use]
    .filter(([key]) => isAbsent(site, group, key) && site.fits(group.written(key)))
    .map(([key, values]) => {
      const carriers = carriersOf(values);
      const [first = ''] = values.keys();
      const words = `with the ${values.size === 1 ? 'value' : 'values'} ${list([...values.keys()], 4)}`;
      const doc =
        group.noun === undefined ? group.words(carriers, key, first) : `${count(carriers.count, group.noun)}, ${words}`;
      return {
        text: group.written(key),
        doc,
        isKey: true,
        count: carriers.count,
        rank: rankOf(key),
        order: group.order ?? 0,
      };
    });
}

function isAbsent({ place }: KnownSite, group: LabelGroup, key: string): boolean {
  return !place.present.some((written) => group.read(written) === key);
}

function pairsOf(site: KnownSite, group: LabelGroup): readonly Ranked[] {
  const found: Ranked[] = [];
  for (const { key, value, carriers, rank } of pairsByUse(group.use)) {
    if (found.length === mostKnown) break;
    const text = pairAt(site.place, group.written(key), value);
    if (!isAbsent(site, group, key) || !site.fits(text)) continue;
    found.push({ text, doc: group.words(carriers, key, value), count: carriers.count, rank, order: group.order ?? 0 });
  }
  return found;
}

interface Pair extends Counted {
  readonly key: string;
  readonly value: string;
  readonly carriers: Carriers;
}

function pairsByUse(use: LabelCounts): readonly Pair[] {
  const known = sorted.get(use);
  if (known !== undefined) return known;
  const pairs = [...use].flatMap(([key, values]) => {
    const rank = rankOf(key);
    return [...values].map(([value, carriers]): Pair => ({ key, value, carriers, count: carriers.count, rank }));
  });
  pairs.sort((a, b) => byUse(a, b) || (a.value < b.value ? -1 : 1));
  sorted.set(use, pairs);
  return pairs;
}

/** A pure function's memory: what was counted never changes, and is counted again only when the objects are others. */
const sorted = new WeakMap<LabelCounts, readonly Pair[]>();

function valuesOf(site: KnownSite, group: LabelGroup, written: string): readonly Ranked[] {
  const key = group.read(written);
  const values = key === undefined ? undefined : group.use.get(key);
  if (key === undefined || values === undefined) return [];
  const others = othersInList(site);
  return [...values]
    .filter(([value]) => !others.has(value) && site.fits(value))
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, mostKnown)
    .map(([value, carriers]) => ({
      text: textAt(site.place, value),
      doc: group.words(carriers, key, value),
      count: carriers.count,
      rank: 0,
      order: group.order ?? 0,
    }));
}

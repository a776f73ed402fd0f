import { readNodeSelector } from '../../kinds/cilium/labels.js';
import { readLabelSelector } from '../../kinds/kubernetes/label-selector.js';
import type { RequirementSource } from '../../model/peer.js';
import { allOfThem, everything, type Selector } from '../../model/selector.js';
import { entryOf, spanOf, stringOf, type YamlNode, type YamlPath } from '../../text/tree.js';
import type { KnownSite } from './known-site.js';

/** A part of a LabelSelector, or of a map of labels that selects, at which somebody types. */
export interface SelectorPlace {
  /** The object with `matchLabels`, or the map of labels itself. */
  readonly selector: YamlPath;
  readonly part: 'key' | 'value';
  /** In a map of labels, where key and value can be written as one. */
  readonly inMap: boolean;
  /** The label whose value is typed; undefined where it is not written yet. */
  readonly key: string | undefined;
  /** The requirement that is typed: the map's entry, or the item of `matchExpressions`; of which no other is made up. */
  readonly own: YamlPath;
}

/** Undefined where the place is in no selector. */
export function selectorPlace({ path, place, resource, node }: KnownSite): SelectorPlace | undefined {
  const [last, second, third, fourth] = [path.at(-1), path.at(-2), path.at(-3), path.at(-4)];
  const isMapOfLabels = (at: YamlPath) =>
    at.at(-1) === 'matchLabels' || (resource.kind.kind === 'Service' && at.join() === 'spec,selector');
  if (place.what === 'node' && isMapOfLabels(path)) {
    return { selector: selectorOf(path), part: 'key', inMap: true, key: undefined, own: path };
  }
  const above = path.slice(0, -1);
  if (place.what === 'value' && typeof last === 'string' && isMapOfLabels(above)) {
    return { selector: selectorOf(above), part: 'value', inMap: true, key: last, own: path };
  }
  if (place.what === 'value' && last === 'key' && typeof second === 'number' && third === 'matchExpressions') {
    const own = path.slice(0, -1);
    return { selector: path.slice(0, -3), part: 'key', inMap: false, key: undefined, own };
  }
  if (place.what === 'node' && second === 'values' && typeof third === 'number' && fourth === 'matchExpressions') {
    const own = path.slice(0, -2);
    return { selector: path.slice(0, -4), part: 'value', inMap: false, key: stringOf(node([...own, 'key'])), own };
  }
  return undefined;
}

function selectorOf(map: YamlPath): YamlPath {
  return map.at(-1) === 'matchLabels' ? map.slice(0, -1) : map;
}

/** What the selector asks for besides the requirement that is typed. */
export function restOf(site: KnownSite, at: SelectorPlace): Selector {
  const node = site.node(at.selector);
  if (node?.kind !== 'map') return everything;
  if (at.selector.join() === 'spec,selector' && site.resource.kind.kind === 'Service') return restOfMap(node, at);
  const isOfNodes = /Nodes$|^nodeSelector$|^cidrGroupSelector$/.test(String(at.selector.at(-1)));
  const { source } = (isOfNodes ? readNodeSelector : readLabelSelector)(node, spanOf(node));
  return conjunction(source.requirements.filter((each) => !isOwn(site, at, each)));
}

/** A Service's selector is a map of labels without a name of its own. */
function restOfMap(node: YamlNode, { key: own }: SelectorPlace): Selector {
  if (node.kind !== 'map') return everything;
  const terms = node.entries.flatMap(({ key, value }): readonly Selector[] => {
    const [label, text] = [stringOf(key), stringOf(value)];
    return label === undefined || text === undefined || label === own ? [] : [{ op: 'In', key: label, values: [text] }];
  });
  return allOfThem(terms);
}

export function conjunction(requirements: readonly RequirementSource[]): Selector {
  return allOfThem(requirements.map(({ selector }) => selector));
}

/** A requirement stands where somebody types: its key is the word, or its entry or item is the own one. */
export function isOwn(site: KnownSite, at: SelectorPlace, { keyAt }: RequirementSource): boolean {
  const { start, end } = keyAt.range;
  if (at.part === 'key' && at.inMap) return start <= site.word.end && end >= site.word.start;
  if (at.inMap) {
    const own = entryOf(site.node(at.own.slice(0, -1)), String(at.own.at(-1)));
    return own?.key.range.start === start;
  }
  const item = site.node(at.own);
  return item !== undefined && start >= item.range.start && end <= item.range.end;
}

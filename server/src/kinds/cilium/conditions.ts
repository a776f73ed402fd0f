import type { Constraint } from '../../model/policy.js';
import { list as joinWords } from '../../model/print.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlNode,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';

/** What the connections of a rule must show besides ends and ports, in the order of the text. */
export interface Conditions {
  readonly constraints: readonly Constraint[];
  /** Something is asked that cannot be read. */
  readonly uncertain: boolean;
}

/** The keys of a `toPorts` item that ask for more than a port. TLS keys only say how the rules get to see inside. */
export const conditionKeys = ['rules', 'serverNames', 'listener'];

/** Of one item of `toPorts`: `rules`, `serverNames` and `listener`. */
export function readConditions(item: YamlNode): Conditions {
  const rules = given(item, 'rules');
  const names = given(item, 'serverNames');
  const listener = given(item, 'listener');
  const read: (Constraint | undefined)[] = rules === undefined ? [] : rulesIn(rules.value).map(readRules);
  if (rules !== undefined && read.length === 0) read.push(undefined);
  if (names !== undefined) read.push(readServerNames(names));
  if (listener !== undefined) {
    const name = stringOf(valueAt(listener.value, 'name'));
    const words = name === undefined ? undefined : `through the Envoy listener ${name}`;
    read.push(constraint('other protocol', words, listener));
  }
  const constraints = read.filter((each) => each !== undefined);
  return { constraints, uncertain: constraints.length < read.length };
}

/** Of one entry: `authentication`. */
export function readAuthentication(entry: YamlNode): Conditions {
  const found = given(entry, 'authentication');
  const mode = stringOf(valueAt(found?.value, 'mode'));
  if (found === undefined || mode === 'disabled') return { constraints: [], uncertain: false };
  const words =
    mode === 'required'
      ? 'with mutual authentication'
      : mode === 'test-always-fail'
        ? 'with an authentication that always fails'
        : undefined;
  const read = constraint('authentication', words, found);
  return read === undefined ? { constraints: [], uncertain: true } : { constraints: [read], uncertain: false };
}

function given(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) ? undefined : entry;
}

function rulesIn(rules: YamlNode): readonly YamlEntry[] {
  return ['http', 'dns', 'kafka', 'l7proto'].flatMap((key) => given(rules, key) ?? []);
}

function readRules(entry: YamlEntry): Constraint | undefined {
  switch (keyText(entry)) {
    case 'http':
      return constraint('http', each(entry.value, httpWords), entry);
    case 'kafka':
      return constraint('kafka', each(entry.value, kafkaWords), entry);
    case 'dns':
      return readDns(entry);
    default: {
      const protocol = stringOf(entry.value);
      return constraint('other protocol', protocol === undefined ? undefined : `${protocol} rules`, entry);
    }
  }
}

/** Every name is let through by the one pattern `*`: then the names are only watched. Source: FACTS B5, C3. */
function readDns(entry: YamlEntry): Constraint | undefined {
  const patterns = itemsOf(entry.value).map((item) =>
    stringOf(valueAt(item, 'matchName') ?? valueAt(item, 'matchPattern')),
  );
  const known = patterns.filter((pattern) => pattern !== undefined);
  if (known.length < patterns.length || known.length === 0 || isPartial(entry.value)) return undefined;
  const everyName = known.includes('*');
  return {
    kind: 'dns',
    words: everyName ? 'DNS, every name' : `DNS names ${joinWords(known)}`,
    patterns: known,
    limits: !everyName,
    at: keySpan(entry),
  };
}

function readServerNames(entry: YamlEntry): Constraint | undefined {
  const names = itemsOf(entry.value).map(stringOf);
  const known = names.filter((name) => name !== undefined);
  const sound = known.length === names.length && known.length > 0 && !isPartial(entry.value);
  return constraint('server names', sound ? `TLS server name ${known.join(' or ')}` : undefined, entry);
}

function constraint(kind: Constraint['kind'], words: string | undefined, entry: YamlEntry): Constraint | undefined {
  return words === undefined ? undefined : { kind, words, limits: true, at: keySpan(entry) };
}

/** The items' words joined by OR; undefined where some item is not known, or there is none. */
function each(node: YamlNode, words: (item: YamlNode) => string | undefined): string | undefined {
  const all = itemsOf(node).map(words);
  const known = all.filter((text) => text !== undefined);
  return known.length < all.length || known.length === 0 || isPartial(node) ? undefined : known.join(' or ');
}

function isPartial(node: YamlNode): boolean {
  return node.kind !== 'scalar' && node.incomplete;
}

/** The fields of one item are joined by AND. */
function httpWords(item: YamlNode): string | undefined {
  if (item.kind !== 'map' || item.incomplete) return undefined;
  const parts: (string | undefined)[] = ['HTTP'];
  for (const key of ['method', 'host', 'path']) {
    const entry = given(item, key);
    if (entry === undefined) continue;
    const text = stringOf(entry.value);
    if (text !== '') parts.push(key === 'host' && text !== undefined ? `host ${text}` : text);
  }
  const headers = [
    ...itemsOf(valueAt(item, 'headers')).map(stringOf),
    ...itemsOf(valueAt(item, 'headerMatches')).map((match) => stringOf(valueAt(match, 'name'))),
  ];
  if (headers.includes(undefined)) return undefined;
  if (headers.length > 0) parts.push(`with header ${headers.join(' and ')}`);
  return parts.includes(undefined) ? undefined : parts.join(' ');
}

function kafkaWords(item: YamlNode): string | undefined {
  if (item.kind !== 'map' || item.incomplete) return undefined;
  const [role, key, topic, client] = ['role', 'apiKey', 'topic', 'clientID'].map((name) =>
    stringOf(valueAt(item, name)),
  );
  const what = role ?? key;
  return [
    'Kafka',
    ...(what === undefined ? [] : [what]),
    ...(topic === undefined ? [] : [`topic ${topic}`]),
    ...(client === undefined ? [] : [`client ${client}`]),
  ].join(' ');
}

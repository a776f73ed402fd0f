import type { CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import { expectedAt } from '../../kinds/calico/selector-grammar.js';
import { fieldAt } from '../../kinds/field.js';
import type { Netpol } from '../../service.js';
import type { SourceFile } from '../../text/file.js';
import type { YamlEntry } from '../../text/tree.js';
import { type Cursor, cursorAt, policyAt } from '../cursor.js';
import { toLspRange } from '../places.js';
import { type KnownLabels, type LabelsAsked, labelsAsked } from './selector-labels.js';

/** What may be typed within a selector of Calico: the language's words, and labels and values of the scopes. */
export function selectorCompletions(netpol: Netpol, file: SourceFile, offset: number): readonly CompletionItem[] {
  const placed = file.documentAt(offset);
  const cursor = cursorAt(netpol.workspace, file.uri, offset);
  const asked = cursor === undefined ? undefined : askedAt(cursor);
  const entry = cursor?.location.entry;
  if (placed === undefined || cursor === undefined || asked === undefined || entry === undefined) return [];
  const before = textBefore(entry, offset - placed.offset);
  const place = before === undefined ? undefined : expectedAt(before.text, before.text.length);
  if (before === undefined || place === undefined) return [];
  const { typed } = place;
  const behind = /^[^\r\n]*/.exec(file.text.slice(offset))?.[0] ?? '';
  // Within a string, what is replaced goes up to the quote that closes it, and brings one where there is none.
  const opened = place.expected === 'string' ? (/['"]/.exec(before.text.charAt(typed.start - 1))?.[0] ?? '') : '';
  const closing = before.style === 'single' && opened === "'" ? "''" : opened;
  const restOfString = opened === '' ? undefined : new RegExp(`^[^'"{},&|]*(?=${closing})`).exec(behind)?.[0];
  const rest = opened === '' ? (/^[\w./-]*/.exec(behind)?.[0] ?? '') : (restOfString ?? '');
  const isFirst = before.text.slice(0, typed.start).trim() === '';
  const words = wordsAt({
    ...place,
    labels: labelsAsked(asked, cursor.scopes, (scope) => (ownOnly(cursor) ? policyAt(cursor, scope) : undefined)),
    before: before.text,
    // A plain value that begins with ! is a tag of YAML.
    mayNegate: !isFirst || before.style !== 'plain',
    mayBeGlobal: asked === 'namespaces' && isPeer(cursor) && isFirst,
    closes: /^\s*\)/.test(behind.slice(rest.length)),
  });
  const quote = before.style === 'single' ? '"' : "'";
  const range = toLspRange(file, { start: offset - (typed.end - typed.start), end: offset + rest.length });
  return words.map(({ text, as, detail, kind }, i) => {
    const quoted = opened === '' ? quote + text + quote : text + (restOfString === undefined ? closing : '');
    const newText = as === 'value' ? quoted : as === 'set' ? `{${quoted}}` : text;
    return {
      label: opened === '' ? newText : text,
      kind,
      textEdit: { range, newText },
      sortText: String(i).padStart(4, '0'),
      ...(detail === undefined ? {} : { detail }),
    };
  });
}

/** Whose labels the scalar under the cursor is about; undefined where it is no selector of Calico. */
function askedAt({ resource, path, location }: Cursor): LabelsAsked | undefined {
  if (location.onKey || location.node.kind !== 'scalar') return undefined;
  if (!resource.kind.apiVersions.includes('projectcalico.org/v3')) return undefined;
  if (fieldAt(resource.kind.fields, path)?.type !== 'string') return undefined;
  switch (path.at(-1)) {
    case 'selector':
      return path.at(-2) === 'serviceAccounts' ? 'accounts' : path.at(-2) === 'spec' ? 'pods' : 'peers';
    case 'notSelector':
      return 'peers';
    case 'namespaceSelector':
      return 'namespaces';
    case 'serviceAccountSelector':
      return 'accounts';
    default:
      return undefined;
  }
}

function isPeer({ path }: Cursor): boolean {
  return path.at(-2) === 'source' || path.at(-2) === 'destination';
}

/** A selector without a namespaceSelector beside it chooses in the policy's own namespace, where the policy has one. */
function ownOnly({ resource: { object }, location }: Cursor): boolean {
  if (object?.type !== 'policy' || object.value.clusterWide) return false;
  const around = location.ancestors.at(-1);
  return around?.kind !== 'map' || !around.entries.some(({ key }) => key.value === 'namespaceSelector');
}

/** The value of an entry as far as the offset in its document, on one line. */
function textBefore({ value }: YamlEntry, offset: number) {
  if (value.kind !== 'scalar' || value.alias || offset < value.range.start) return undefined;
  const { document, range, style } = value;
  const quoted = style === 'single' || style === 'double';
  if (quoted && (offset === range.start || (offset === range.end && range.end > range.start + 1))) return undefined;
  let raw = document.text.slice(range.start + (quoted ? 1 : 0), offset);
  if (style === 'block') {
    const header = raw.indexOf('\n');
    if (header === -1) return undefined;
    raw = raw.slice(header + 1);
  }
  if (raw.includes('{{')) return undefined;
  const line = onOneLine(raw).trimStart();
  const text =
    style === 'single' ? line.replaceAll("''", "'") : style === 'double' ? line.replaceAll('\\"', '"') : line;
  return { text, style: style === 'absent' ? ('plain' as const) : style };
}

/** Lines as YAML folds them: one space for what stands around and between the ends of lines. */
function onOneLine(raw: string): string {
  const lines = raw.split('\n');
  const last = lines.length - 1;
  if (last === 0) return raw;
  const parts = lines.map((line, index) =>
    index === 0 ? line.trimEnd() : index === last ? line.trimStart() : line.trim(),
  );
  return parts.filter((part, index) => index === 0 || index === last || part !== '').join(' ');
}

interface Word {
  readonly text: string;
  readonly kind: CompletionItemKind;
  /** A value stands in quotes, and a set of one in braces. */
  readonly as: 'word' | 'value' | 'set';
  readonly detail?: string;
}

interface Place extends NonNullable<ReturnType<typeof expectedAt>> {
  readonly labels: KnownLabels;
  readonly before: string;
  readonly mayNegate: boolean;
  readonly mayBeGlobal: boolean;
  /** A closing parenthesis stands behind the place. */
  readonly closes: boolean;
}

function wordsAt({ expected, label, labels, before, mayNegate, mayBeGlobal, closes }: Place): readonly Word[] {
  const named = (end = ''): readonly Word[] =>
    [...labels].map(([key, { detail }]) => ({ text: key + end, kind: field, as: 'word', detail }));
  const valuesAs = (as: Word['as']): readonly Word[] =>
    [...(labels.get(label ?? '')?.values ?? [])].map(([text, detail]) => ({ text, kind: valueItem, as, detail }));
  switch (expected) {
    case 'condition':
      return [
        ...named(),
        word('has(', functionItem, 'The label is there, with any value'),
        ...(mayNegate ? [word('!has(', functionItem, 'The label is not there')] : []),
        word('all()', functionItem, 'Everything'),
        ...(mayBeGlobal ? [word('global()', functionItem, 'What is in no namespace')] : []),
      ];
    case 'label':
      return named(closes ? '' : ')');
    case 'operator':
      return operators.map(([text, detail]) => word(text, operator, detail));
    case 'string':
      return valuesAs('value');
    case 'set':
      return valuesAs('set');
    case 'comma':
      return [word('}', operator, 'The end of the values')];
    case 'joiner':
      if (/\b(?:has|all|global)\([^()]*$/.test(before)) return closes ? [] : [word(')', operator)];
      return [word('&&', operator, 'And: both have to hold'), word('||', operator, 'Or: one of them has to hold')];
  }
}

function word(text: string, kind: CompletionItemKind, detail?: string): Word {
  return { text, kind, as: 'word', ...(detail === undefined ? {} : { detail }) };
}

/** Source: FACTS A3.5. */
const operators: readonly (readonly [string, string])[] = [
  ['==', 'The label has this value'],
  ['!=', 'The label has another value, or is not there'],
  ['in', 'The label has one of these values'],
  ['not in', 'The label has none of these values, or is not there'],
  ['contains', 'The value holds this text'],
  ['starts with', 'The value begins with this text'],
  ['ends with', 'The value ends with this text'],
];

// Numbers of the protocol: `CompletionItemKind`.
const functionItem = 3;
const field = 5;
const valueItem = 12;
const operator = 24;

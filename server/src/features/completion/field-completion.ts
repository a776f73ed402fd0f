import type { CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import { type Field, fieldAt, type ObjectField, type ValueField } from '../../kinds/field.js';
import type { SourceFile } from '../../text/file.js';
import type { YamlPath } from '../../text/tree.js';
import { type TypingPlace, typingPlaceAt } from '../../text/typing-place.js';
import { describeField } from '../hover/field-doc.js';
import { toLspRange } from '../places.js';
import { beside, type CompletionSupport, plainCompletion, writtenText } from './completion-text.js';
import { excludedBy, shapeOfTree } from './field-shapes.js';
import { beginsEmpty, entriesInFlow, entryLines, type Shape, type ShapeStyle } from './shape-text.js';
import { docOfValue } from './value-docs.js';

/** Ready-made entries of a map, offered under one name. */
export interface Preset {
  readonly label: string;
  readonly doc: string;
  readonly entries: { readonly [key: string]: Shape };
}

/** Something that the workspace knows and a field tree does not: a name, a port, a label. */
export interface KnownText {
  /** As it has to be written at the place. */
  readonly text: string;
  readonly doc?: string;
  /** A key of a map, behind which a value follows. */
  readonly isKey?: boolean;
  /** How many objects it is about. */
  readonly count?: number;
}

/** What is completed with: the tree, and what goes beyond it. */
export interface FieldSource {
  readonly root: ObjectField;
  /** The way to the object in its document: into the items of a List. */
  readonly base?: YamlPath;
  readonly support?: CompletionSupport;
  readonly style?: ShapeStyle;
  /** All paths are from the object. */
  presets?(path: YamlPath): readonly Preset[];
  shape?(path: YamlPath, field: Field): Shape;
  /** What the workspace knows; `place.path` is from the document. */
  known?(place: TypingPlace): readonly KnownText[];
  /** Fields that nobody writes by hand. */
  readonly hidden?: ReadonlySet<string>;
}

/** The keys and values that a field tree knows at an offset of a file of YAML. */
export function fieldCompletions(file: SourceFile, offset: number, source: FieldSource): readonly CompletionItem[] {
  const place = typingPlaceAt(file.text, offset);
  return place === undefined ? [] : completionsIn(file, place, source);
}

/** The same at a place that is known already. */
export function completionsIn(file: SourceFile, place: TypingPlace, source: FieldSource): readonly CompletionItem[] {
  const { root, base = [], support = plainCompletion } = source;
  const field = fieldAt(root, place.path.slice(base.length));
  const open = opened(place, field, source.style ?? plainStyle);
  const known = source.known?.(open.place) ?? [];
  const options = optionsOf(open.field);
  const range = toLspRange(file, { ...open.place.word, start: open.place.word.start - open.cut });
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const made: Made[] = [
    ...known.map((each) => knownText(each, open, support)),
    ...options.flatMap((option) => (option.type === 'object' ? keysOf(option, open, source) : valuesOf(option, open))),
    ...emptyValues(place, field, open),
  ];
  return made.map(({ label, kind, lines, again, more, lead = open.lead }, i): CompletionItem => {
    const text = lead.replaceAll('\n', eol) + lines.join(`${eol}${open.indent}`);
    return {
      label,
      kind,
      ...writtenText(text, range, support, again),
      // The lines are indented as they have to be.
      insertTextMode: asIs,
      // What is replaced may begin before the word; what is typed is held against this.
      ...(open.lead === '' ? {} : { filterText: label }),
      sortText: String(i).padStart(3, '0'),
      ...more,
    };
  });
}

interface Made {
  readonly label: string;
  readonly kind: CompletionItemKind;
  /** Without the indentation that all of them share. */
  readonly lines: readonly string[];
  /** What is accepted makes room for more that can be offered. */
  readonly again: boolean;
  readonly more: Partial<CompletionItem>;
  /** What is written before it, where that is not what the place asks for. */
  readonly lead?: string;
}

/** A place with what has to be written before its word: a dash, or a line of its own. */
interface Opened {
  readonly place: TypingPlace;
  readonly field: Field | undefined;
  readonly lead: string;
  /** How much before the word is replaced as well. */
  readonly cut: number;
  /** Where the lines behind the first begin. */
  readonly indent: string;
  readonly style: ShapeStyle;
}

/** A list is gone into by a dash, and a value that is a map or a list by a line below its key. */
function opened(place: TypingPlace, field: Field | undefined, style: ShapeStyle): Opened {
  const plain = { place, field, lead: place.glued ? ' ' : '', cut: 0, indent: place.indent, style };
  // Behind the dash of `-` the item begins one further to the right.
  if (place.glued) return { ...plain, indent: `${place.indent} ` };
  if (place.inFlow || place.quoted || place.hasColon) return plain;
  const isList = optionsOf(field).every(({ type }) => type === 'list') && field !== undefined;
  const item = () => optionsOf(field).flatMap((option) => (option.type === 'list' ? [option.item] : []))[0];
  const inside = { ...place, path: [...place.path, noIndex], what: 'node', present: [] } as const;
  if (place.what === 'node') {
    if (!isList) return plain;
    return { ...plain, place: inside, field: item(), lead: '- ', indent: `${place.indent}  ` };
  }
  const isMap = optionsOf(field).every(({ type }) => type === 'object' || type === 'map') && field !== undefined;
  if ((!isList && !isMap) || place.typed !== '') return plain;
  if (place.filled) return { ...plain, field: undefined };
  const below = place.indent + ' '.repeat(isList && !style.indentSequences ? 0 : style.indent);
  // The blank behind the colon would be left at the line's end.
  const line = { ...plain, lead: `\n${below}`, cut: 1 };
  return isList
    ? { ...line, place: inside, field: item(), lead: `${line.lead}- `, indent: `${below}  ` }
    : { ...line, place: { ...place, what: 'node', present: [] }, indent: below };
}

/** An item that is not there yet is none of those that are. */
const noIndex = -1;

const plainStyle: ShapeStyle = { indent: 2, indentSequences: true };

function optionsOf(field: Field | undefined): readonly Field[] {
  return field === undefined ? [] : field.type === 'one-of' ? field.options : [field];
}

function keysOf(option: ObjectField, open: Opened, source: FieldSource): readonly Made[] {
  const { place, style } = open;
  if (place.what !== 'node') return [];
  const path = place.path.slice(source.base?.length ?? 0);
  const { required = [] } = option;
  const one = option.exactlyOne !== undefined && place.present.length > 0;
  const absent = Object.entries(option.fields).filter(
    ([key, { former }]) =>
      former !== true &&
      !place.present.includes(key) &&
      !one &&
      !(source.hidden?.has(key) ?? false) &&
      !excludedBy(place.present).includes(key),
  );
  // What the good form of the whole has comes before what is seldom needed.
  const usual = Object.keys(usualEntries(path, option, source));
  const rank = (key: string) => (required.includes(key) ? 0 : usual.includes(key) ? 1 : 2);
  const inOrder = [0, 1, 2].flatMap((each) => absent.filter(([key]) => rank(key) === each));
  const entry = (entries: Preset['entries']) => linesOf(entries, place, style);
  const keys = inOrder.map(([key, inner]): Made => {
    const bare = place.hasColon || place.filled;
    const shape = withoutChoice(source.shape?.([...path, key], inner) ?? shapeOfTree(inner), source.support);
    const lines = place.hasColon ? [key] : place.filled ? [`${key}:`] : entry({ [key]: shape });
    const doc = describeField(key, inner);
    return {
      label: key,
      kind: property,
      lines,
      again: !bare && (asked.has(key) || leadsOn(inner)) && beginsEmpty(lines.join('\n')),
      more: { documentation: { kind: 'markdown', value: required.includes(key) ? `${doc}\n\nRequired.` : doc } },
    };
  });
  if (place.hasColon || place.filled) return keys;
  const ready = (source.presets?.(path) ?? []).filter(({ entries }) =>
    Object.keys(entries).every((key) => absent.some(([name]) => name === key)),
  );
  return [
    ...keys,
    ...ready.map(({ label, doc, entries }): Made => {
      const lines = entry(entries);
      const text = lines.map((line) => line.replace(/<([^<>|]*)[^<>]*>/g, '$1')).join('\n');
      return {
        label,
        kind: snippet,
        lines,
        again: beginsEmpty(lines.join('\n')),
        more: {
          filterText: `${Object.keys(entries).join(' ')} ${label}`,
          documentation: { kind: 'markdown', value: `${doc}\n\n\`\`\`yaml\n${text}\n\`\`\`` },
        },
      };
    }),
  ];
}

function usualEntries(path: YamlPath, option: ObjectField, { shape }: FieldSource): Preset['entries'] {
  const whole = shape?.(path, typeof path.at(-1) === 'number' ? { type: 'list', doc: '', item: option } : option) ?? '';
  const [one = ''] = Array.isArray(whole) ? whole : [whole];
  return typeof one === 'string' || Array.isArray(one) ? {} : one;
}

/** Asked for by themselves, the values of a field come with what they mean. */
function withoutChoice(shape: Shape, support: CompletionSupport = plainCompletion): Shape {
  const isChoice = typeof shape === 'string' && shape.includes('|');
  return isChoice && (support.asksAgain || !support.snippets) ? '<>' : shape;
}

function linesOf(entries: Preset['entries'], { inFlow }: TypingPlace, style: ShapeStyle): readonly string[] {
  return inFlow ? [entriesInFlow(entries)] : entryLines(entries, style);
}

/** Single values that a workspace may know. Behind others, such as names, an editor would offer any words of the text. */
const asked: ReadonlySet<string> = new Set([
  ...['apiVersion', 'kind', 'namespace', 'key', 'port', 'cidr', 'number', 'namedPort', 'destinationNamedPort'],
  ...['selector', 'notSelector', 'namespaceSelector', 'tier', 'serviceName', 'matchName'],
]);

/** Something can be offered for what is written in the field. */
function leadsOn(field: Field): boolean {
  return optionsOf(field).some(
    (each) => each.type === 'object' || each.type === 'list' || each.type === 'map' || fixedValues(each).length > 0,
  );
}

function fixedValues(field: Field): readonly (readonly [text: string, doc: string | undefined])[] {
  if (field.type === 'boolean') return [['true', undefined] as const, ['false', undefined] as const];
  return isValue(field) ? (field.allowed ?? []).map((text, i) => [text, field.allowedDocs?.[i]] as const) : [];
}

function isValue(field: Field): field is ValueField {
  return field.type === 'string' || field.type === 'integer' || field.type === 'int-or-string';
}

function valuesOf(field: Field, { place }: Opened): readonly Made[] {
  const key = place.path.findLast((step) => typeof step === 'string') ?? '';
  return fixedValues(field).map(([text, doc]) => ({
    label: text,
    kind: enumMember,
    lines: [place.quoted ? text : written(text, field)],
    again: false,
    more: { documentation: { kind: 'markdown' as const, value: doc ?? docOfValue(key, text) ?? field.doc } },
  }));
}

/** YAML reads a bare `off` as false. */
function written(text: string, { type }: Field): string {
  return type === 'string' && text === 'off' ? '"off"' : text;
}

/** Everything or nothing, said on the key's own line. */
function emptyValues(
  { what, typed, filled, quoted }: TypingPlace,
  field: Field | undefined,
  { cut }: Opened,
): readonly Made[] {
  if (what !== 'value' || typed !== '' || filled || quoted) return [];
  return optionsOf(field).flatMap((option): readonly Made[] =>
    option.type === 'object' && Object.hasOwn(option.fields, 'matchLabels')
      ? [
          {
            label: '{}',
            kind: valueItem,
            lines: ['{}'],
            lead: ' '.repeat(cut),
            again: false,
            more: { detail: 'All of them', documentation: { kind: 'markdown', value: option.doc } },
          },
        ]
      : [],
  );
}

function knownText({ text, doc, isKey }: KnownText, { place }: Opened, support: CompletionSupport): Made {
  // YAML takes a bare `*` for an alias.
  const bare = place.quoted || !text.startsWith('*') ? text : `"${text}"`;
  return {
    label: text,
    kind: isKey === true ? property : valueItem,
    lines: [isKey === true && !place.hasColon ? `${bare}: <>` : bare],
    again: isKey === true && !place.hasColon,
    more: doc === undefined ? {} : beside(doc, support),
  };
}

// Numbers of the protocol: `CompletionItemKind` and `InsertTextMode`.
const property = 10;
const valueItem = 12;
const snippet = 15;
const enumMember = 20;
const asIs = 1;

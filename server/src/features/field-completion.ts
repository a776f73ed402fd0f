import type { CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import { type Field, fieldAt, type ObjectField, type ValueField } from '../kinds/field.js';
import type { SourceFile } from '../text/file.js';
import { type TypingPlace, typingPlaceAt } from '../text/typing-place.js';
import { describeField } from './field-doc.js';
import { toLspRange } from './places.js';

/** A ready-made value for a field: lines of YAML, the first of which stands behind the key's own line. */
export interface Preset {
  readonly label: string;
  readonly key: string;
  readonly doc: string;
  readonly lines: readonly string[];
}

/** Something that the workspace knows and a field tree does not: a name, a port, a label. */
export interface KnownText {
  readonly text: string;
  readonly doc?: string;
}

/** The keys and values that a field tree knows at an offset of a file of plain YAML. */
export function fieldCompletions(
  file: SourceFile,
  offset: number,
  root: ObjectField,
  presets: (path: TypingPlace['path']) => readonly Preset[] = () => [],
  known: (path: TypingPlace['path']) => readonly KnownText[] = () => [],
): readonly CompletionItem[] {
  const place = typingPlaceAt(file.text, offset);
  const field = place === undefined ? undefined : fieldAt(root, place.path);
  if (place === undefined || field === undefined) return [];
  const range = toLspRange(file, place.word);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const item = (
    label: string,
    kind: CompletionItemKind,
    newText: string,
    more: Partial<CompletionItem>,
  ): CompletionItem => ({
    label,
    kind,
    textEdit: { range, newText },
    // The lines are indented as they have to be.
    insertTextMode: asIs,
    ...more,
  });
  const keyed = (key: string, inner: Field, doc: string) =>
    item(key, property, place.hasColon ? key : textOfKey(key, inner, place, eol), {
      documentation: { kind: 'markdown', value: doc },
    });
  const options = field.type === 'one-of' ? field.options : [field];
  const items = options.flatMap((option) => {
    if (option.type === 'object' && place.what === 'node') {
      const keys = Object.entries(option.fields).filter(
        ([key, { former }]) => former !== true && !place.present.includes(key),
      );
      const ready = place.hasColon || place.inFlow ? [] : presets(place.path);
      return [
        ...keys.map(([key, inner]) => keyed(key, inner, describeField(key, inner))),
        ...ready
          .filter(({ key }) => !place.present.includes(key))
          .map(({ label, key, doc, lines }) =>
            item(label, snippet, [`${key}:`, ...lines.map((line) => `${place.indent}  ${line}`)].join(eol), {
              filterText: key,
              documentation: { kind: 'markdown', value: doc },
            }),
          ),
      ];
    }
    return isValue(option)
      ? valuesOf(option).map(([text, doc]) =>
          item(text, enumMember, place.quoted ? text : written(text, option), {
            ...(doc === undefined ? {} : { documentation: { kind: 'markdown' as const, value: doc } }),
          }),
        )
      : [];
  });
  const names = options.some(({ type }) => type === 'string' || type === 'map') ? known(place.path) : [];
  const named = names.map(({ text, doc }) =>
    // YAML takes a bare `*` for an alias.
    item(text, valueItem, place.quoted || !text.startsWith('*') ? text : `"${text}"`, {
      ...(doc === undefined ? {} : { detail: doc }),
    }),
  );
  return [...named, ...items].map((each, i) => ({ ...each, sortText: String(i).padStart(3, '0') }));
}

function isValue(field: Field): field is ValueField {
  return field.type === 'string' || field.type === 'boolean';
}

function valuesOf({ type, allowed, allowedDocs }: ValueField): readonly (readonly [string, string | undefined])[] {
  if (type === 'boolean')
    return [
      ['true', undefined],
      ['false', undefined],
    ];
  return (allowed ?? []).map((text, i) => [text, allowedDocs?.[i]]);
}

/** YAML reads a bare `off` as false. */
function written(text: string, { type }: ValueField): string {
  return type === 'string' && text === 'off' ? '"off"' : text;
}

function textOfKey(key: string, field: Field, { inFlow, indent }: TypingPlace, eol: string): string {
  if (inFlow) return `${key}: `;
  const below = `${key}:${eol}${indent}  `;
  if (field.type === 'object' || field.type === 'map') return below;
  if (field.type !== 'list') return `${key}: `;
  const [first] = field.item.type === 'object' ? (field.item.required ?? []) : [];
  return `${below}- ${first === undefined ? '' : `${first}: `}`;
}

// Numbers of the protocol: `CompletionItemKind` and `InsertTextMode`.
const property = 10;
const valueItem = 12;
const enumMember = 20;
const snippet = 15;
const asIs = 1;

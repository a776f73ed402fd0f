import type { CompletionItem } from 'vscode-languageserver-types';
import { kinds } from '../../kinds/index.js';
import type { Kind } from '../../kinds/kind.js';
import { list } from '../../model/print.js';
import type { SourceFile } from '../../text/file.js';
import { eolOf } from '../../text/style.js';
import type { TypingPlace } from '../../text/typing-place.js';
import { toLspRange } from '../places.js';
import { beside, type CompletionSupport, writtenText } from './completion-text.js';
import { shapeOfField } from './field-shapes.js';
import { entryLines, type Shape, type ShapeStyle } from './shape-text.js';

/** What an object says of itself so far. */
export interface Head {
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
}

/** Policies first: what is only read to understand them is written with other tools. */
const proposed: readonly Kind[] = [
  ...kinds.filter(({ check }) => check !== undefined),
  ...kinds.filter(({ check }) => check === undefined),
];

/** The kinds of an apiVersion; where there is none yet, it is written with the kind. */
export function kindNames(
  file: SourceFile,
  place: TypingPlace,
  { apiVersion }: Head,
  support: CompletionSupport,
): readonly CompletionItem[] {
  const narrowed = proposed.filter(({ apiVersions, formerVersions = [] }) =>
    [...apiVersions, ...formerVersions].includes(apiVersion ?? ''),
  );
  const offered = narrowed.length > 0 ? narrowed : proposed;
  const line = file.lines.lineAt(place.word.start);
  // Within braces the key need not begin its line.
  const at = place.inFlow ? undefined : { line, character: place.indent.length };
  return offered.map((kind, i): CompletionItem => {
    const version = kind.apiVersions[0] ?? '';
    const newText = `apiVersion: ${version}${eolOf(file.text)}${place.indent}`;
    const writesBoth = apiVersion === undefined && at !== undefined;
    return {
      label: kind.kind,
      kind: classItem,
      textEdit: { range: toLspRange(file, place.word), newText: kind.kind },
      ...beside(version, support),
      documentation: kind.fields.doc,
      sortText: String(i).padStart(3, '0'),
      ...(writesBoth ? { additionalTextEdits: [{ range: { start: at, end: at }, newText }] } : {}),
    };
  });
}

/** The versions of a kind, or all that there are. */
export function apiVersions(
  file: SourceFile,
  place: TypingPlace,
  { kind }: Head,
  support: CompletionSupport,
): readonly CompletionItem[] {
  const named = proposed.filter((each) => each.kind === kind);
  const offered = named.length > 0 ? named : proposed;
  // A version that no server offers any more is not proposed where another one is.
  const versions = new Map<string, string[]>();
  for (const each of offered) {
    for (const version of named.length > 0 ? each.apiVersions : each.apiVersions.slice(0, 1)) {
      versions.set(version, [...(versions.get(version) ?? []), each.kind]);
    }
  }
  return [...versions].map(([version, of], i) => ({
    label: version,
    kind: moduleItem,
    textEdit: { range: toLspRange(file, place.word), newText: version },
    ...beside(list(of, 3), support),
    documentation: `For ${list(of, 20)}.`,
    sortText: String(i).padStart(3, '0'),
  }));
}

/** A name, and for what lives in a namespace the one of the objects around, where that is known. */
export function metadataOf({ kind, check }: Kind, namespace: string | undefined): Shape {
  const isNamespaced =
    check !== undefined && !/^(?:Global|Cluster|Admin|Baseline|StagedGlobal|CiliumC|Tier|Host)/.test(kind);
  return { name: '<>', ...(isNamespaced && namespace !== undefined ? { namespace: `<${namespace}>` } : {}) };
}

/** The beginning of an object of each kind, where nothing is written yet. */
export function newObjects(
  file: SourceFile,
  place: TypingPlace,
  style: ShapeStyle,
  support: CompletionSupport,
  namespace: string | undefined,
): readonly CompletionItem[] {
  const range = toLspRange(file, place.word);
  const eol = `${eolOf(file.text)}${place.indent}`;
  return proposed.map((kind, i): CompletionItem => {
    const version = kind.apiVersions[0] ?? '';
    const { spec } = kind.fields.fields;
    const entries = {
      apiVersion: version,
      kind: kind.kind,
      metadata: metadataOf(kind, namespace),
      ...(spec === undefined || kind.check === undefined ? {} : { spec: shapeOfField(kind, ['spec'], spec) }),
    };
    return {
      label: kind.kind,
      kind: classItem,
      ...writtenText((place.glued ? ' ' : '') + entryLines(entries, style).join(eol), range, support),
      insertTextMode: asIs,
      ...beside(version, support),
      documentation: kind.fields.doc,
      sortText: `k${String(i).padStart(3, '0')}`,
    };
  });
}

// Numbers of the protocol: `CompletionItemKind` and `InsertTextMode`.
const classItem = 7;
const moduleItem = 9;
const asIs = 1;

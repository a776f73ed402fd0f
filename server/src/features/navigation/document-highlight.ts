import type { DocumentHighlight, DocumentHighlightKind } from 'vscode-languageserver-types';
import { type LabelUse, labelSites, testSites } from '../../engine/label-sites.js';
import type { Steps } from '../../engine/steps.js';
import { resourcesOf } from '../../kinds/index.js';
import type { Netpol } from '../../service.js';
import { contains } from '../../text/range.js';
import type { ScalarPart } from '../../text/scalar-part.js';
import { isTestFile } from '../../workspace/test-file.js';
import { defineFeature, inSteps, type PlaceParams, placeIn } from '../feature.js';
import { toLspRange } from '../places.js';
import { wordAt } from './label-cursor.js';
import { portAt, portFamily } from './rename-port.js';

export const documentHighlightFeature = defineFeature({
  method: 'textDocument/documentHighlight',
  doc: 'The same label in this file, where it is given and where selectors ask for it; the same named port.',
  capability: () => ({ documentHighlightProvider: true }),
  answer: (asked, params: PlaceParams) => inSteps(asked, () => highlights(asked.netpol, params)),
});

function* highlights(netpol: Netpol, params: PlaceParams): Steps<DocumentHighlight[] | null> {
  const at = placeIn(netpol, params);
  if (at === undefined) return null;
  const parts = (yield* labelsLike(netpol, at.uri, at.offset)) ?? (yield* portsLike(netpol, at.uri, at.offset)) ?? [];
  const found = parts.flatMap(({ part, written }) => {
    const range = at.file.toFile(part.at);
    return range === undefined ? [] : [{ range: toLspRange(at.file, range), kind: written ? write : read }];
  });
  return found.length === 0 ? null : found;
}

// `DocumentHighlightKind` of the protocol.
const read: DocumentHighlightKind = 2;
const write: DocumentHighlightKind = 3;

/** How many documents of a file are looked at in one step. */
const documentsAtOnce = 50;

interface Highlighted {
  readonly part: ScalarPart;
  readonly written: boolean;
}

function* labelsLike({ workspace }: Netpol, uri: string, offset: number): Steps<readonly Highlighted[] | undefined> {
  const file = workspace.file(uri);
  const placed = file?.documentAt(offset);
  if (file === undefined || placed === undefined) return undefined;
  const of = ({ document }: typeof placed): readonly LabelUse[] =>
    isTestFile(uri)
      ? [...testSites(document.root)].flatMap(({ labels }) => labels)
      : resourcesOf(document).flatMap((resource) => labelSites(resource).flatMap(({ labels }) => labels));
  const within = offset - placed.offset;
  const meant = of(placed).flatMap((use) => {
    const word = wordAt(use, placed.document, within);
    return word === undefined ? [] : [{ use, word }];
  })[0];
  if (meant === undefined) return undefined;
  const { use, word } = meant;
  const same: LabelUse[] = [];
  for (const [index, each] of file.documents.entries()) {
    if (index % documentsAtOnce === documentsAtOnce - 1) yield;
    for (const other of of(each)) if (other.of === use.of && other.key.text === use.key.text) same.push(other);
  }
  return same.flatMap(({ key, values, role }) => {
    const parts = word.part === 'key' ? [key] : values.filter(({ text }) => text === word.text.text);
    return parts.map((part) => ({ part, written: role === 'given' }));
  });
}

function* portsLike(netpol: Netpol, uri: string, offset: number): Steps<readonly Highlighted[] | undefined> {
  const word = portAt(netpol, uri, offset);
  if (word === undefined) return undefined;
  const family = yield* portFamily(netpol, uri, word);
  const declared = family.workloads.flatMap(({ value }) =>
    value.ports.flatMap(({ name, at }) => (name === word.text && at.document.uri === uri ? [at] : [])),
  );
  const here = family.parts.filter(({ at }) => at.document.uri === uri);
  return here.map((part) => ({
    part,
    written: declared.some(
      ({ document, range }) => document === part.at.document && contains(range, part.at.range.start),
    ),
  }));
}

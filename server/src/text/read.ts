import { type CST, Parser } from 'yaml';
import { type Built, buildTree } from './build.js';
import { withoutConflicts } from './conflicts.js';
import type { YamlProblem } from './document.js';
import { type Draft, draftOf, joinPatches, type Patch } from './draft.js';
import type { Fault } from './faults.js';
import { markIncomplete } from './incomplete.js';
import { readPlain } from './plain.js';
import type { TextRange } from './range.js';
import { reindentTabs } from './tabs.js';
import { readTemplate, type TemplateAction } from './templates.js';
import type { DocumentRef, YamlNode } from './tree.js';

/** What reading one document's text gave. */
export interface Reading {
  readonly document: DocumentRef;
  readonly root: YamlNode | undefined;
  readonly actions: readonly TemplateAction[];
  /** The text as it was understood in the end. */
  readonly draft: Draft;
  /** What had to be repaired to read it, and limits that were met. */
  readonly problems: readonly YamlProblem[];
  /** The anchored values that aliases stand for. */
  readonly shared: readonly TextRange[];
  /** The YAML library may judge the draft: it is text, not so deep that a recursive reader fails, and may have faults. */
  readonly judgeable: boolean;
}

/** Each round repairs what the one before brought to light; half-typed text seldom needs more than two. */
const ROUNDS = 20;

/** Reads a document's text into a tree. */
export function readTree(document: DocumentRef): Reading {
  const root = readPlain(document);
  return root === undefined ? readYaml(document) : withoutFault(document, root);
}

/**
 * Reads any text. Works on the YAML library's tokens, not on its composed documents, since those drop what stands behind
 * a fault. Where the tokens show a fault, the text is repaired in a draft and read again.
 */
export function readYaml(document: DocumentRef): Reading {
  const { text } = document;
  if (isBinary(text)) return unreadable(document);
  const settled = withoutConflicts(text);
  const { masked, actions } = readTemplate(settled.text);
  const base = masked.includes('\r') ? masked.replace(/\r(?!\n)/g, '\n') : masked;
  const problems: YamlProblem[] = [...settled.problems];
  // To the library a byte order mark is a column: what begins behind it would be indented further than what follows.
  const mark: readonly Patch[] = base.startsWith('\uFEFF') ? [{ range: { start: 0, end: 1 }, text: '' }] : [];
  let draft = draftOf(base, mark);
  let built = build(document, draft, actions);
  for (let round = 0; round < ROUNDS && built.faults.length > 0; round++) {
    const faults = certain(built.faults);
    const patches = joinPatches(draft.patches, patchesFor(base, faults, built.spread));
    if (patches === draft.patches) break;
    problems.push(...faults.flatMap((fault) => fault.problem ?? []));
    draft = draftOf(base, patches);
    built = build(document, draft, actions);
  }
  problems.push(...built.faults.flatMap((fault) => fault.problem ?? []), ...built.problems);
  if (actions.length > 0) markIncomplete(built.root, actions, built.copies);
  const { root, shared, tooDeep } = built;
  return { document, root, actions, draft, problems, shared, judgeable: !tooDeep };
}

function withoutFault(document: DocumentRef, root: YamlNode): Reading {
  const draft = draftOf(document.text, []);
  return { document, root, actions: [], draft, problems: [], shared: [], judgeable: false };
}

function build(document: DocumentRef, draft: Draft, actions: readonly TemplateAction[]): Built {
  const tokens: CST.Token[] = [...new Parser().parse(draft.text)];
  return buildTree(tokens, { document, draft, actions });
}

/** The faults up to the first misleading one. */
function certain(faults: readonly Fault[]): readonly Fault[] {
  const inOrder = faults.toSorted((a, b) => startOf(a) - startOf(b));
  const first = inOrder.findIndex((fault) => fault.effect !== 'local');
  return first === -1 ? inOrder : inOrder.slice(0, first + 1);
}

function startOf(fault: Fault): number {
  return fault.problem?.range.start ?? fault.patches[0]?.range.start ?? 0;
}

function patchesFor(base: string, faults: readonly Fault[], spread: readonly TextRange[]): Patch[] {
  const patches = faults.flatMap((fault) => fault.patches);
  return faults.some((fault) => fault.effect === 'tabs') ? [...reindentTabs(base, spread), ...patches] : patches;
}

/** A NUL, or so many undecodable characters that it cannot be a text with a few broken ones. */
function isBinary(text: string): boolean {
  if (text.includes('\0')) return true;
  const broken = text.match(/[\uFFFD\uDC80-\uDCFF]/gu)?.length ?? 0;
  return broken > 8 && broken * 20 > text.length;
}

function unreadable(document: DocumentRef): Reading {
  const message =
    'This is not a text file: it holds bytes that are not UTF-8 text. Save it as UTF-8, or leave it out of the workspace.';
  const range = { start: 0, end: Math.min(1, document.text.length) };
  const draft = draftOf('', []);
  return {
    document,
    root: undefined,
    actions: [],
    draft,
    problems: [{ message, range }],
    shared: [],
    judgeable: false,
  };
}

import type { Random } from './random.js';
import { rootUri } from './steps.js';

/** What a request may be about. */
export interface Subject {
  readonly uri: string;
  readonly text: string;
  /** Names and such that stand in the texts. */
  readonly word: () => string;
  /** A former answer to a method, or undefined. */
  readonly answered: (method: string) => unknown;
}

type Draw = (random: Random, subject: Subject) => object;

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A place in a text as an offset of it. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, character: offset - (before.lastIndexOf('\n') + 1) };
}

/** Mostly within the text; else negative, far behind it, or in the middle of a character of two units. */
export function drawPosition(random: Random, text: string): Position {
  if (random.chance(0.9)) return positionAt(text, random.below(text.length + 1));
  return {
    line: random.pick([0, -1, 1, 2 ** 31 - 1, 1e300, random.below(100)]),
    character: random.pick([0, -1, -(2 ** 31), 2 ** 31 - 1, 1e300, random.below(200)]),
  };
}

export function drawRange(random: Random, text: string): { start: Position; end: Position } {
  return { start: drawPosition(random, text), end: drawPosition(random, text) };
}

const ofDocument: Draw = (_, { uri }) => ({ textDocument: { uri } });
const atPlace: Draw = (random, { uri, text }) => ({ textDocument: { uri }, position: drawPosition(random, text) });
const inRange: Draw = (random, { uri, text }) => ({ textDocument: { uri }, range: drawRange(random, text) });

/** One of the items of a former answer, which may be about a text that has changed since. */
const itemOf =
  (method: string, otherwise: Draw): Draw =>
  (random, subject) => {
    const answer = subject.answered(method);
    return Array.isArray(answer) && answer.length > 0 ? random.pick(answer) : otherwise(random, subject);
  };

const anAction: Draw = (random, { uri, word }) => ({
  title: word(),
  data: {
    uri,
    title: word(),
    range: { start: random.below(500), end: random.below(500) },
    source: random.pick(['fix', 'silence', 'template', word()]),
  },
});
const aLens: Draw = (random, { uri, text }) => ({
  range: drawRange(random, text),
  data: { uri, about: random.pick(['policy', 'selected', 'reached', 'reaches', 'test', 'x']), part: random.below(3) },
});
const anItem: Draw = (random, { uri, text, word }) => ({
  name: word(),
  kind: 5,
  uri,
  range: drawRange(random, text),
  selectionRange: drawRange(random, text),
  data: { scope: rootUri, name: word() },
});
const hierarchyItem: Draw = (random, subject) => ({
  item: itemOf('textDocument/prepareCallHierarchy', anItem)(random, subject),
});

const scopeOf = (random: Random, subject: Subject): string => {
  const answer = subject.answered('netpol/overview');
  const items: readonly { readonly id?: unknown }[] = Array.isArray(answer) ? answer : [];
  return items.length > 0 ? String(random.pick(items).id) : subject.word();
};

const question: Draw = (random, { uri, word, answered }) => {
  const answer = answered('netpol/endpoints') as { readonly endpoints?: readonly { readonly name: string }[] } | null;
  const names = answer?.endpoints?.map(({ name }) => name) ?? [];
  const end = () =>
    names.length > 0 && random.chance(0.8) ? random.pick(names) : random.pick([word(), '0.0.0.0/0', '::1']);
  return {
    textDocument: { uri },
    from: end(),
    to: end(),
    ...(random.chance(0.5) ? { port: random.pick<number | string>([80, 8080, 53, 'http', -1, 65536, word()]) } : {}),
    ...(random.chance(0.3) ? { protocol: random.pick(['TCP', 'UDP', 'SCTP']) } : {}),
  };
};

/** Parameters as a client would send them, for each method that the server answers. */
export const draws: Readonly<Record<string, Draw>> = {
  'textDocument/diagnostic': ofDocument,
  'textDocument/hover': atPlace,
  'textDocument/completion': atPlace,
  'textDocument/definition': atPlace,
  'textDocument/references': (random, subject) => ({
    ...atPlace(random, subject),
    context: { includeDeclaration: random.chance(0.5) },
  }),
  'textDocument/documentHighlight': atPlace,
  'textDocument/prepareRename': atPlace,
  'textDocument/rename': (random, subject) => ({ ...atPlace(random, subject), newName: subject.word() }),
  'textDocument/codeAction': (random, subject) => ({
    ...inRange(random, subject),
    context: { diagnostics: [], ...(random.chance(0.2) ? { only: [random.pick(['source', 'quickfix', 'x'])] } : {}) },
  }),
  'codeAction/resolve': itemOf('textDocument/codeAction', anAction),
  'textDocument/codeLens': ofDocument,
  'codeLens/resolve': itemOf('textDocument/codeLens', aLens),
  'textDocument/prepareCallHierarchy': atPlace,
  'callHierarchy/incomingCalls': hierarchyItem,
  'callHierarchy/outgoingCalls': hierarchyItem,
  'textDocument/documentSymbol': ofDocument,
  'workspace/symbol': (random, { word }) => ({ query: random.pick(['', word(), '𝔘']) }),
  'textDocument/foldingRange': ofDocument,
  'textDocument/selectionRange': (random, { uri, text }) => ({
    textDocument: { uri },
    positions: [drawPosition(random, text), drawPosition(random, text)],
  }),
  'textDocument/documentLink': ofDocument,
  'textDocument/inlayHint': inRange,
  'textDocument/semanticTokens/full': ofDocument,
  'textDocument/semanticTokens/range': inRange,
  'netpol/changes': ofDocument,
  'netpol/revisions': () => ({}),
  'netpol/map': (random, subject) => ({
    ...ofDocument(random, subject),
    ...(random.chance(0.5) ? { scope: scopeOf(random, subject) } : {}),
    ...(random.chance(0.2) ? { namespaces: [subject.word()] } : {}),
  }),
  'netpol/mapCursor': (random, subject) => ({ ...atPlace(random, subject), scope: scopeOf(random, subject) }),
  'netpol/mapArrow': (random, subject) => ({
    scope: scopeOf(random, subject),
    from: subject.word(),
    to: subject.word(),
    ...(random.chance(0.5) ? { kind: random.pick(['allowed', 'one-sided', 'x']) } : {}),
  }),
  'netpol/effective': atPlace,
  'netpol/endpoints': atPlace,
  'netpol/explain': question,
  'netpol/repairs': question,
  'netpol/repair': (random, subject) => {
    const answer = subject.answered('netpol/repairs') as { readonly repairs?: readonly { title: string }[] } | null;
    const titles = answer?.repairs?.map(({ title }) => title) ?? [];
    return { ...question(random, subject), title: titles.length > 0 ? random.pick(titles) : subject.word() };
  },
  'netpol/templates': atPlace,
  'netpol/applyTemplate': (random, subject) => {
    const answer = subject.answered('netpol/templates');
    const known: readonly { readonly id?: unknown }[] = Array.isArray(answer) ? answer : [];
    return { ...atPlace(random, subject), id: known.length > 0 ? random.pick(known).id : subject.word() };
  },
  'netpol/baselineChoices': ofDocument,
  'netpol/baseline': (random, { uri, word }) => ({
    namespace: word(),
    folder: random.pick([rootUri, `${rootUri}/base`, uri]),
  }),
  'netpol/tests': () => ({}),
  'netpol/runTests': (random, { uri }) => ({ files: random.pick([[{ uri }], [], [{ uri, tests: ['x'] }]]) }),
  'netpol/overview': () => ({}),
  'netpol/scopeObjects': (random, subject) => ({ id: scopeOf(random, subject) }),
};

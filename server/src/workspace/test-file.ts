import { type Expectation, type ExpectedEnd, endText, portText, readPort } from '../model/expectation.js';
import type { Labels } from '../model/selector.js';
import { toData } from '../text/data.js';
import type { YamlDocument } from '../text/document.js';
import { recordOf } from '../text/json-data.js';
import { fileName } from './files.js';
import { checkSettings, type SettingsProblem } from './settings-check.js';
import { testFields } from './test-fields.js';

export function isTestFile(uri: string): boolean {
  return /\.netpol-test\.ya?ml$/.test(fileName(uri));
}

/** One document of a test file. */
export interface TestDocument {
  readonly document: YamlDocument;
  readonly scope: string | undefined;
  readonly namespace: string | undefined;
  /** Those that can be read. */
  readonly tests: readonly PlacedExpectation[];
  /** What is wrong with the rest; where there is something, the document does not say all that its author meant. */
  readonly problems: readonly SettingsProblem[];
}

export interface PlacedExpectation {
  readonly expectation: Expectation;
  /** The way to it in its document. */
  readonly path: readonly (string | number)[];
}

/** What a document of a test file says; read once. */
export function readTests(document: YamlDocument): TestDocument {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const data = toData(document.root);
  const found = { document, ...testsIn(data ?? {}) };
  cache.set(document, found);
  return found;
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, TestDocument>();

function testsIn(data: unknown): Omit<TestDocument, 'document'> {
  const root = recordOf(data);
  const problems = [...checkSettings(data, testFields, 'field')];
  const refuse = (path: SettingsProblem['path'], message: string) =>
    problems.push({ path, onKey: false, kind: 'refused', message });
  const given = Array.isArray(root.tests) ? root.tests : [];
  if (Array.isArray(root.tests) && given.length === 0) {
    refuse(['tests'], 'holds no test, so nothing is tested. Add one: `from`, `to` and `expect`.');
  }
  const tests = given.flatMap((each, i): readonly PlacedExpectation[] => {
    const path = ['tests', i];
    if (each === null) refuse(path, 'is empty. Say `from`, `to` and `expect`.');
    const ports = many(recordOf(each).port);
    ports.forEach(({ value, at }) => {
      if (readPort(value) !== undefined || problems.some((known) => isBelow(known.path, [...path, 'port', ...at])))
        return;
      refuse(
        [...path, 'port', ...at],
        `takes a number from 1 to 65535 or the name of a port, alone or as 53/UDP, and ${JSON.stringify(value)} is neither.`,
      );
    });
    for (const key of ['from', 'to', 'except', 'port']) {
      const list = recordOf(each)[key];
      if (Array.isArray(list) && list.length === 0)
        refuse([...path, key], 'is an empty list. Name something, or remove it.');
    }
    // What is not understood is not half tested.
    if (problems.some((problem) => problem.kind === 'refused' && isBelow(problem.path, path))) return [];
    const expectation = readExpectation(recordOf(each));
    return expectation === undefined ? [] : [{ expectation, path }];
  });
  return { scope: textOf(root.scope), namespace: textOf(root.namespace), tests, problems };
}

function isBelow(path: SettingsProblem['path'], above: SettingsProblem['path']): boolean {
  return above.every((step, i) => path[i] === step);
}

function readExpectation(given: Readonly<Record<string, unknown>>): Expectation | undefined {
  const { expect } = given;
  if (expect !== 'allowed' && expect !== 'denied') return undefined;
  const [from, to, except] = [given.from, given.to, given.except].map(readEnds);
  if (from === undefined || to === undefined || except === undefined) return undefined;
  const ports = many(given.port).flatMap(({ value }) => readPort(value) ?? []);
  const words = (ends: readonly ExpectedEnd[]) => ends.map(endText).join(' and ');
  const on = ports.length === 0 ? '' : ` on ${ports.map(portText).join(', ')}`;
  const without = except.length === 0 ? '' : `, except ${words(except)}`;
  const name = textOf(given.name) ?? `${words(from)} to ${words(to)}${on}${without}: ${expect}`;
  return { name, from, to, except, ports, expect };
}

/** The ends in the plain data of a test's `from`, `to` or `except`; without what cannot be read. */
export function readEnds(data: unknown): readonly ExpectedEnd[] {
  return many(data).flatMap(({ value }) => readEnd(value) ?? []);
}

/** A value, or each of a list, with the way to it. */
function many(value: unknown): readonly { readonly value: unknown; readonly at: readonly number[] }[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((each: unknown, i) => ({ value: each, at: [i] })) : [{ value, at: [] }];
}

function readEnd(value: unknown): ExpectedEnd | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { kind: 'name', text: value };
  if (typeof value !== 'object' || value === null) return undefined;
  const { namespace, namespaceLabels, pods } = recordOf(value);
  return {
    kind: 'selector',
    namespace: textOf(namespace),
    namespaceLabels: labelsOf(namespaceLabels),
    pods: labelsOf(pods),
  };
}

function labelsOf(value: unknown): Labels {
  return new Map(Object.entries(recordOf(value)).map(([key, each]) => [key, typeof each === 'string' ? each : '']));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

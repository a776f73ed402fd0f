import type { Hover } from 'vscode-languageserver-types';
import { decisionsOf } from '../../engine/decisions.js';
import type { Outcome } from '../../engine/expectations.js';
import { resolvedWords } from '../../engine/expected-ends.js';
import { outcomeSentence } from '../../engine/outcome-words.js';
import type { Expectation } from '../../model/expectation.js';
import { count } from '../../model/print.js';
import type { Netpol } from '../../service.js';
import { toData } from '../../text/data.js';
import type { YamlDocument } from '../../text/document.js';
import { nodeAt } from '../../text/paths.js';
import type { YamlPath } from '../../text/tree.js';
import { testFields } from '../../workspace/test-fields.js';
import { readEnds, readTests } from '../../workspace/test-file.js';
import { linksInto } from '../places.js';
import { type Tested, testedIn } from '../tests/test-names.js';
import { fieldHover } from './config-hover.js';
import { escapeMarkdown } from './effective-markdown.js';

/** In a `*.netpol-test.yaml` file: whom an end means, what became of a test and why, what a field means. */
export function testHover(netpol: Netpol, uri: string, offset: number): Hover | undefined {
  return fieldHover(netpol, uri, offset, testFields, (document, path) => {
    const [first, index, field] = path;
    if (first !== 'tests' || typeof index !== 'number') return undefined;
    const tests = readTests(document);
    const all = testedIn(netpol, tests);
    const meanings = all.flatMap((tested) => {
      const said =
        field === 'from' || field === 'to' || field === 'except'
          ? endsMeaning(tested, document, path.slice(0, typeof path[3] === 'number' ? 4 : 3))
          : outcomeMeaning(netpol, tested, tests.tests.find((test) => test.path[1] === index)?.expectation);
      if (said === undefined) return [];
      return [all.length > 1 ? `In ${escapeMarkdown(tested.scope.title)}:\n\n${said}` : said];
    });
    return meanings.length === 0 ? undefined : meanings.join('\n\n');
  });
}

function endsMeaning({ expectations }: Tested, document: YamlDocument, path: YamlPath): string | undefined {
  const lines = readEnds(toData(nodeAt(document, path))).map((end) => {
    const found = expectations.resolve(end);
    const words = 'problem' in found ? `⚠ ${found.problem}` : [resolvedWords(found), ...found.notes].join('. ');
    return escapeMarkdown(words);
  });
  if (lines.length === 0) return undefined;
  return lines.length === 1 ? lines[0] : lines.map((each) => `- ${each}`).join('\n');
}

function outcomeMeaning(netpol: Netpol, { expectations }: Tested, expectation: Expectation | undefined) {
  if (expectation === undefined) return undefined;
  const outcome = expectations.outcomeOf(expectation);
  const link = linksInto(netpol.workspace);
  const lines = outcome.failures.flatMap(({ parts }) => parts.flatMap(decisionsOf));
  const said = new Map(lines.map(({ words, at }) => [words, at]));
  const links = [...said].map(([words, at]) => {
    const found = at === undefined ? undefined : link({ label: words, at });
    return found === undefined
      ? `- ${escapeMarkdown(words)}`
      : `- ${escapeMarkdown(words)}: [line ${found.line}](${found.target})`;
  });
  return [verdictWords(expectation, outcome), ...(links.length === 0 ? [] : [links.join('\n')])].join('\n\n');
}

function verdictWords(expectation: Expectation, outcome: Outcome): string {
  const { verdict, pairs, problem } = outcome;
  if (problem !== undefined) return `**Not asked.** ${escapeMarkdown(`${problem.field}: ${problem.message}`)}`;
  if (verdict === 'passed') {
    return `**Passed.** ${pairs === 1 ? 'The connection is' : `All ${count(pairs, 'connection')} are`} ${expectation.expect}.`;
  }
  return `**${verdict === 'failed' ? 'Failed' : 'Not certain'}.** ${escapeMarkdown(outcomeSentence(expectation, outcome))}`;
}

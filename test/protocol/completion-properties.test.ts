import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { completionsAt } from '#server/features/completion/completion.js';
import { Netpol } from '#server/service.js';
import { SourceFile } from '#server/text/file.js';
import { accepted } from './completion-cases.js';

const folder = new URL('../../rules/fixtures/', import.meta.url);
const support = { snippets: true, markdown: true, asksAgain: true, labelDetails: true };
const uri = 'file:///w/policy.yaml';

test('in every fixture, truncated at every line and within its words, what is accepted reads no worse', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  assert.ok(names.length > 50, `${names.length} fixtures`);
  let tried = 0;
  for (const [number, name] of names.entries()) {
    const text = (await readFile(new URL(name, folder), 'utf8')).replace(
      /^# (?:settings|file|after fix).*\n/gm,
      '---\n',
    );
    const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///w']);
    for (const [i, offset] of cuts(text).entries()) {
      // Each fixture is cut elsewhere than the one before it: all places together are seen, and none takes long.
      if ((i + number) % 6 !== 0) continue;
      const cut = text.slice(text.lastIndexOf('\n---', offset) + 1, offset);
      netpol.workspace.setBuffer(uri, cut, i);
      const items = completionsAt(netpol, uri, cut.length, support);
      const before = faults(cut);
      // Of long lists a part that is another in each place.
      const some = items.filter(
        (_, n) => items.length <= 8 || n % Math.ceil(items.length / 8) === i % Math.ceil(items.length / 8),
      );
      for (const item of some) {
        const after = accepted(cut, item);
        tried++;
        assert.ok(faults(after) <= before, `${name}: ${item.label} in\n${cut}|>\ngives\n${after}`);
      }
    }
  }
  assert.ok(tried > 5000, `${tried} were accepted`);
});

/** The ends of lines, behind their indentation, and within their first words. */
function cuts(text: string): readonly number[] {
  return [...text.matchAll(/^([ -]*)(\S?\S?)[^\n]*$/gm)].flatMap(({ index, 0: line, 1: lead = '', 2: word = '' }, i) =>
    i % 3 === 0
      ? [index + line.length]
      : i % 3 === 1
        ? [index + lead.length]
        : [index + lead.length + word.length, index + Math.max(line.indexOf(': ') + 2, lead.length)],
  );
}

function faults(text: string): number {
  return SourceFile.of(uri, text).documents.reduce((sum, { document }) => sum + document.problems.length, 0);
}

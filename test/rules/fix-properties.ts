import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import type { FileFinding } from '#server/rules/run.js';
import type { FileEdit, Netpol } from '#server/service.js';
import type { Fix } from '#server/text/fix.js';
import type { Settings } from '#server/workspace/settings.js';
import { allFindings, nameOf, open } from './harness.js';

interface Applied {
  readonly finding: FileFinding;
  readonly fix: Fix;
  /** The new texts of the files it changes, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Applies the nth fix of a title among all findings. */
export function fixTitled(netpol: Netpol, title: string, nth: number): Applied {
  const offers = allFindings(netpol).flatMap((finding) =>
    finding.fixes.filter((fix) => fix.title === title).map((fix) => ({ finding, fix })),
  );
  const offer = offers[nth - 1];
  const titles = () => allFindings(netpol).flatMap((each) => each.fixes.map((fix) => `"${fix.title}"`));
  if (offer === undefined) throw new Error(`No finding offers the fix "${title}". There are: ${titles().join(', ')}`);
  const changes = offer.fix.changes();
  const after = changes === undefined ? undefined : netpol.applyChanges(changes);
  if (after === undefined) throw new Error(`The fix "${title}" does not apply here.`);
  return { ...offer, texts: new Map([...after].map(([uri, text]) => [nameOf(uri), text])) };
}

/** Holds every fix of every finding to what a fix promises, with both kinds of line ends. */
export async function checkFixes(files: ReadonlyMap<string, string>, settings: Settings): Promise<void> {
  const windows = new Map([...files].map(([uri, text]) => [uri, text.replaceAll('\n', '\r\n')]));
  const netpol = await open(files, settings);
  for (const finding of allFindings(netpol)) {
    const preferred = finding.fixes.filter((fix) => fix.preferred).length;
    assert.ok(preferred <= 1, `${finding.rule.id}: ${preferred} fixes of one finding are preferred`);
    for (const fix of finding.fixes) await checkFix(files, netpol, finding, fix, settings);
  }
  await checkWindows(files, windows, settings);
}

/** The texts after the fix are the same with CRLF as with LF, but for the line ends. */
async function checkWindows(
  files: ReadonlyMap<string, string>,
  windows: ReadonlyMap<string, string>,
  settings: Settings,
): Promise<void> {
  const results = async (texts: ReadonlyMap<string, string>) => {
    const netpol = await open(texts, settings);
    return allFindings(netpol).flatMap((finding) =>
      finding.fixes.map((fix) => {
        const changes = fix.changes();
        return [
          `${finding.rule.id}: ${fix.title}`,
          changes === undefined ? undefined : netpol.applyChanges(changes),
        ] as const;
      }),
    );
  };
  const unix = await results(files);
  for (const [index, [title, texts]] of (await results(windows)).entries()) {
    assert.equal(title, unix[index]?.[0], 'the fixes offered with CRLF');
    for (const [uri, text] of texts ?? []) {
      assert.equal(text, unix[index]?.[1]?.get(uri)?.replaceAll('\n', '\r\n'), `${title}: the text with CRLF`);
    }
  }
}

async function checkFix(
  files: ReadonlyMap<string, string>,
  netpol: Netpol,
  finding: FileFinding,
  fix: Fix,
  settings: Settings,
): Promise<void> {
  const name = `${finding.rule.id}: "${fix.title}"`;
  const changes = fix.changes();
  if (changes === undefined) return;
  const edits = netpol.editsOf(changes);
  const texts = netpol.applyChanges(changes);
  assert.ok(edits !== undefined && texts !== undefined, `${name}: the changes do not apply`);
  for (const [uri, text] of texts) {
    const before = files.get(uri) ?? '';
    assert.notEqual(text, before, `${name} changes nothing`);
    checkUntouched(before, text, edits.get(uri) ?? [], name);
    assert.ok(faults(text) <= faults(before), `${name} breaks the YAML:\n${text}`);
  }
  const after = allFindings(await open(new Map([...files, ...texts]), settings));
  const moved = (each: FileFinding) => movedRange(each.range, edits.get(each.uri) ?? []);
  const before = allFindings(netpol);
  const same = (list: readonly FileFinding[]) =>
    list.filter((each) => each.rule === finding.rule && each.uri === finding.uri);
  const place = moved(finding);
  const still = same(after).filter((each) => each.range.start < place.end && place.start < each.range.end);
  assert.ok(
    still.length === 0 || same(after).length < same(before).length,
    `${name} leaves its finding: ${still[0]?.message}\n${[...texts.values()].join('')}`,
  );
  const known = [...before];
  for (const each of after) {
    const index = known.findIndex(
      (old) =>
        old.rule === each.rule &&
        old.uri === each.uri &&
        (old.message === each.message || moved(old).start === each.range.start),
    );
    if (index >= 0) known.splice(index, 1);
    else if (each.severity === 'warning' || each.severity === 'error') {
      assert.fail(`${name} raises ${each.rule.id}: ${each.message}\n${[...texts.values()].join('')}`);
    }
  }
}

/** Outside of the edits the text is what it was. */
function checkUntouched(before: string, after: string, edits: readonly FileEdit[], name: string): void {
  let old = 0;
  let now = 0;
  for (const { range, newText } of inOrder(edits)) {
    const kept = before.slice(old, range.start);
    assert.equal(after.slice(now, now + kept.length), kept, `${name} touches text outside of its edits`);
    now += kept.length + newText.length;
    old = range.end;
  }
  assert.equal(after.slice(now), before.slice(old), `${name} touches text behind its edits`);
}

/** Where a range is after some edits; within an edit, the whole new text. */
function movedRange(range: { start: number; end: number }, edits: readonly FileEdit[]): { start: number; end: number } {
  let by = 0;
  for (const edit of inOrder(edits)) {
    if (edit.range.start < range.end && range.start < edit.range.end) {
      const start = edit.range.start + by;
      return { start, end: start + edit.newText.length };
    }
    if (edit.range.end <= range.start) by += edit.newText.length - (edit.range.end - edit.range.start);
  }
  return { start: range.start + by, end: range.end + by };
}

function inOrder(edits: readonly FileEdit[]): readonly FileEdit[] {
  return [...edits].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

/** How many faults the YAML library sees; duplicate keys are a rule of netpol's own. */
function faults(text: string): number {
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  return Array.isArray(documents) ? documents.reduce((sum, document) => sum + document.errors.length, 0) : 0;
}

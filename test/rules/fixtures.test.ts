import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rules } from '#server/rules/index.js';
import { checkFixes, fixTitled } from './fix-properties.js';
import {
  allFindings,
  compare,
  type Fixture,
  filesOf,
  howOf,
  markOf,
  nameOf,
  open,
  parseFixture,
  printFixture,
  printMark,
  type Section,
} from './harness.js';

const here = fileURLToPath(new URL('../../rules/fixtures/', import.meta.url));
const update = process.env.UPDATE_FIXTURES === '1';
/** A part of the names: only these fixtures are run, or rewritten. */
const only = process.env.FIXTURES ?? '';

for (const name of readdirSync(here)
  .filter((file) => file.endsWith('.yaml') && file.includes(only))
  .sort()) {
  describe(name, () => {
    const path = here + name;
    const fixture = parseFixture(readFileSync(path, 'utf8'));
    const files = filesOf(fixture);

    test('the findings are those that are marked', async () => {
      const netpol = await open(files, fixture.settings);
      const found = new Map<string, ReturnType<typeof markOf>[]>();
      for (const finding of allFindings(netpol)) {
        const list = found.get(nameOf(finding.uri)) ?? [];
        found.set(nameOf(finding.uri), [...list, markOf(finding, files.get(finding.uri) ?? '')]);
      }
      if (update) {
        const golden = (section: Section & { kind: 'golden' }) => {
          try {
            const { fix, texts } = fixTitled(netpol, section.title, section.nth);
            return { ...section, how: howOf(fix), text: texts.get(section.name) ?? section.text };
          } catch {
            return section;
          }
        };
        writeFileSync(path, printFixture(fixture, found, golden));
        return;
      }
      const faults = fixture.sections.flatMap((section) => {
        if (section.kind !== 'file') return [];
        const { missing, unexpected } = compare(section.marks, found.get(section.name) ?? []);
        return [
          ...missing.map((mark) => `${section.name}:${mark.line + 1} expected, not found:\n${printMark(mark, true)}`),
          ...unexpected.map((mark) => `${section.name}:${mark.line + 1} found, not marked:\n${printMark(mark, true)}`),
        ];
      });
      assert.equal(faults.join('\n'), '');
    });

    for (const [title, nth] of goldenTitles(fixture)) {
      test(`after the fix "${title}"${nth > 1 ? ` ${nth}` : ''}`, { skip: update }, async () => {
        const { fix, texts } = fixTitled(await open(files, fixture.settings), title, nth);
        const wanted = fixture.sections
          .filter((section) => section.kind === 'golden')
          .filter((each) => each.title === title && each.nth === nth);
        assert.deepEqual([...texts.keys()].sort(), wanted.map((each) => each.name).sort(), 'the files that change');
        for (const section of wanted) {
          assert.equal(texts.get(section.name), section.text);
          assert.equal(section.how, howOf(fix), 'preferred, or safe');
        }
      });
    }

    test('every fix is sound', () => checkFixes(files, fixture.settings));

    test('with CRLF and with a BOM the findings stay on their lines', async () => {
      const plain = await linesOf(files, fixture, (text) => text);
      assert.deepEqual(await linesOf(files, fixture, (text) => text.replaceAll('\n', '\r\n')), plain, 'CRLF');
      assert.deepEqual(await linesOf(files, fixture, (text) => `\uFEFF${text}`), plain, 'BOM');
    });

    test('nothing throws while the text is half-typed', async () => {
      for (const [uri, text] of files) {
        const lines = text.split('\n');
        for (let count = 0; count < lines.length; count++) {
          const netpol = await open(new Map([...files, [uri, lines.slice(0, count).join('\n')]]), fixture.settings);
          for (const finding of allFindings(netpol)) {
            for (const fix of finding.fixes) {
              const changes = fix.changes();
              if (changes !== undefined) netpol.applyChanges(changes);
            }
          }
        }
      }
    });
  });
}

test('every rule has a fixture that shows it', { skip: only !== '' || update }, () => {
  const marked = new Set(
    readdirSync(here).flatMap((name) =>
      parseFixture(readFileSync(here + name, 'utf8')).sections.flatMap((section) =>
        section.kind === 'file' ? section.marks.map((mark) => mark.rule) : [],
      ),
    ),
  );
  assert.deepEqual(
    rules.map((rule) => rule.id).filter((id) => !marked.has(id)),
    [],
  );
});

function goldenTitles(fixture: Fixture): readonly (readonly [string, number])[] {
  const goldens = fixture.sections.filter((section) => section.kind === 'golden');
  return [...new Map(goldens.map(({ title, nth }) => [`${title} ${nth}`, [title, nth] as const])).values()];
}

/** Rule and line of every finding. */
async function linesOf(
  files: ReadonlyMap<string, string>,
  fixture: Fixture,
  change: (text: string) => string,
): Promise<readonly string[]> {
  const changed = new Map([...files].map(([uri, text]) => [uri, change(text)]));
  const found = allFindings(await open(changed, fixture.settings));
  return found.map((each) => {
    const line = (changed.get(each.uri) ?? '').slice(0, each.range.start).split('\n').length;
    return `${nameOf(each.uri)}:${line} ${each.rule.id}`;
  });
}

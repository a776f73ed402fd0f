import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../docs/pages.js';
import { emptyFolder, versions } from './tools.js';

const { changelogSections, isNewer, setVersions, statedVersions, versionFaults } = versions;

/** The files that state a version, with a changelog whose newest section is `head`. */
function project(t: TestContext, head: string): { folder: string; edit: (file: string, change: Change) => void } {
  const folder = emptyFolder(t);
  const edit = (file: string, change: Change) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text);
    writeFileSync(path, changed);
  };
  for (const file of new Set(statedVersions(root).map(({ place }) => place.replace(/:\d+$/, '')))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  setVersions(folder, '1.2.3');
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${head}\n\n- New.\n\n## 1.0.0 (2026-01-31)\n\n- Old.\n`);
  return { folder, edit };
}

type Change = (text: string) => string;

test('every version of this project is the same', () => {
  assert.deepEqual(versionFaults(root), []);
  const places = statedVersions(root).map(({ place }) => place.replace(/:\d+$/, ''));
  for (const file of [
    'package.json',
    'server/package.json',
    'client/package.json',
    'package-lock.json',
    'docs/ci.md',
  ]) {
    assert.ok(places.includes(file), file);
  }
});

test('a version is set wherever it is stated, and nothing else changes', (t) => {
  const { folder } = project(t, '## 1.2.3 (unreleased)');
  assert.deepEqual(versionFaults(folder), []);
  assert.ok(statedVersions(folder).every(({ version }) => version === '1.2.3'));
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const [{ version } = { version: '' }] = statedVersions(root);
  setVersions(folder, version);
  for (const file of ['package-lock.json', 'package.json', 'README.md', '.github/actions/check/action.yml']) {
    assert.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(join(root, file), 'utf8'), file);
  }
  const count = (text: string) => text.split('\n').length;
  assert.equal(count(lock), count(readFileSync(join(root, 'package-lock.json'), 'utf8')));
});

for (const { place } of statedVersions(root).slice(1)) {
  test(`another version in ${place} is told`, (t) => {
    const { folder, edit } = project(t, '## 1.2.3 (unreleased)');
    const [, file = '', number = ''] = /^(.*):(\d+)$/.exec(place) ?? [];
    edit(file, (text) =>
      text
        .split('\n')
        .map((line, index) => (index === Number(number) - 1 ? line.replace('1.2.3', '1.2.4') : line))
        .join('\n'),
    );
    assert.deepEqual(versionFaults(folder), [`${place} says 1.2.4, package.json says 1.2.3`]);
  });
}

test('a place that is gone is a fault of the list', (t) => {
  const { folder, edit } = project(t, '## 1.2.3 (unreleased)');
  edit('server/src/version.ts', (text) => text.replace('1.2.3', 'x'));
  assert.throws(() => statedVersions(folder), /server\/src\/version\.ts states no version/);
});

const heads: readonly (readonly [string, readonly (string | RegExp)[]])[] = [
  ['## 1.2.3 (unreleased)', []],
  ['## 1.2.3 (2026-02-28)', []],
  ['## 1.3.0 (unreleased)', ['CHANGELOG.md says "## 1.3.0 (unreleased)", package.json says 1.2.3']],
  // Between releases the packages have the number of the last one.
  ['## Unreleased', ['CHANGELOG.md says "## 1.0.0 (2026-01-31)", package.json says 1.2.3']],
  ['## Unreleased\n\n- X.\n\n## 1.2.3 (2026-02-28)', []],
  ['## 1.2.3 (2026-02-28)\n\n- X.\n\n## 1.1.0 (unreleased)', [/"## 1\.1\.0 \(unreleased\)" is not the newest/]],
  ['## 1.2.3 (2026-02-28)\n\n- X.\n\n## 1.10.0 (2026-02-01)', [/"## 1\.2\.3 .*stands above version 1\.10\.0/]],
];
for (const [head, expected] of heads) {
  test(`changelog: ${head.replaceAll(/\n+/g, ' / ')}`, (t) => {
    const faults = versionFaults(project(t, head).folder);
    assert.equal(faults.length, expected.length, faults.join('\n'));
    expected.forEach((each, index) => {
      if (typeof each === 'string') assert.equal(faults[index], each);
      else assert.match(faults[index] ?? '', each);
    });
  });
}

test('a heading of another form is told, not taken for none', () => {
  for (const head of ['## 1.2', '## v1.2.3 (unreleased)', '## 1.2.3', '## 1.2.3 (soon)', '## 1.2.3 (2026-2-1)']) {
    assert.throws(
      () => changelogSections(`# Changelog\n\n${head}\n\n- X.\n`),
      /CHANGELOG\.md: "## .*" is none of/,
      head,
    );
  }
});

test('sections have their texts', () => {
  const sections = changelogSections('# C\n\n## Unreleased\n\n### A\n- x\n\n## 1.0.0 (2026-01-31)\n\n- y\n');
  assert.deepEqual(
    sections.map(({ version, date, body }) => ({ version, date, body })),
    [
      { version: undefined, date: undefined, body: '### A\n- x' },
      { version: '1.0.0', date: '2026-01-31', body: '- y' },
    ],
  );
});

test('versions are compared by number', () => {
  assert.ok(isNewer('1.10.0', '1.9.9') && isNewer('2.0.0', '1.99.99') && isNewer('0.1.1', '0.1.0'));
  assert.ok(!isNewer('1.0.0', '1.0.0') && !isNewer('1.9.9', '1.10.0') && !isNewer('0.9.0', '1.0.0'));
});

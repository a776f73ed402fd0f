import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rules } from '#server/rules/index.js';
import { pageOf } from '#server/rules/page.js';

const compiled = fileURLToPath(import.meta.resolve('#server/cli/main.js'));
const bundled = join(compiled, '../../../dist/netpol.js');

/** Every kind of fault that the YAML library reports, among them those that need its composer. */
const faults = [
  'a: 1\n  b: 2\n',
  'a:\n\t- 1\n',
  'a: [1, 2\nb: 3\n',
  'a: {b: 1,, c: 2}\n',
  'a: *\n',
  'a: *missing\nb: &x 1\nc: *x\n',
  'a: "\\q"\n',
  'a: b: c\n',
  'a\nb: 1\n',
  '%FOO bar\n---\na: 1\n',
  'a: &x &y 1\n',
  'a: !!map [1]\n',
  'a: !!binary "aGk="\nb: !!set {x, y}\nc: !!omap [x: 1]\nd: 2001-12-14t21:59:43.10-05:00\n',
  'a: @b\n',
  'a: `b\n',
  'a: |2x\n  b\n',
  'a: >\n text\n more\n',
  '- 1\nb: 2\n',
  '"a": "b" c\n',
  'a: 0o17\nb: 0x1F\nc: .inf\nd: ~\ne: <<\n',
];

test('the bundled command line answers as the compiled one does, also about broken YAML', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-bundle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const head =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x\nspec:\n  podSelector: {}\n';
  for (const [index, fault] of faults.entries()) {
    writeFileSync(join(folder, `end-${index}.yaml`), `${head}${fault}`);
    writeFileSync(join(folder, `start-${index}.yaml`), `${fault}${head}`);
    writeFileSync(join(folder, `within-${index}.yaml`), `${head}  x:\n${fault.replace(/^(?=.)/gm, '    ')}`);
  }
  const [expected, found] = [compiled, bundled].map((program) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'check', '--format', 'json', '.'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    assert.equal(stderr, '');
    assert.equal(status, 1);
    return JSON.parse(stdout);
  });
  assert.ok(expected.findings.filter(({ rule }: { rule: string }) => rule === 'yaml-syntax').length >= faults.length);
  assert.deepEqual(found, expected);
});

// esbuild leaves out what is not used, but for what a call makes: such a page says `/* @__PURE__ */` before the call.
test('the server carries no pages of rules', () => {
  const bundle = readFileSync(join(compiled, '../../../../dist/server-node.cjs'), 'utf8');
  const carried = rules.filter((rule) => {
    // The longest run of plain words: short ones a message may have as well.
    const [plain] = (pageOf(rule).why.match(/[\w ,.]{25,}/g) ?? []).toSorted((a, b) => b.length - a.length);
    assert.ok(plain !== undefined, rule.id);
    // A page that says no more than a message does is told by its examples.
    const text = plain.length < 40 ? pageOf(rule).bad : plain;
    return bundle.includes(text) || bundle.includes(text.replaceAll('\n', '\\n'));
  });
  assert.deepEqual(
    carried.map(({ id }) => id),
    [],
  );
});

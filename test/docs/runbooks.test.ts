import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { nodeFiles } from '#server/host/node-files.js';
import { rules } from '#server/rules/index.js';
import { rulePage } from '#server/rules/page.js';
import { runbooks } from '#server/rules/runbooks.js';
import { Netpol } from '#server/service.js';
import { linksIn, namesIn, read, root } from './pages.js';

for (const { name, title, rules: treated } of runbooks) {
  describe(name, () => {
    const page = read(`docs/runbooks/${name}.md`);

    test('has its parts, and links the rules that lead to it, and no others', () => {
      assert.ok(page.startsWith(`# ${title}\n`));
      assert.deepEqual(
        [...page.matchAll(/^## (.*)$/gm)].map(([, part]) => part),
        ['What one sees', 'Why', 'What netpol shows', 'On the cluster', 'The repair', 'Make sure', 'Pitfalls'],
      );
      const linked = linksIn(page).flatMap((link) => /^\.\.\/rules\/(.*)\.md$/.exec(link)?.[1] ?? []);
      assert.deepEqual([...new Set(linked)].sort(), [...treated].sort());
    });

    test('is linked from the pages of its rules, below their references, and from no others', () => {
      for (const id of treated) {
        const rule = rules.find((each) => each.id === id);
        assert.ok(rule !== undefined, `there is no rule ${id}`);
        const [, references] = rulePage(rule).split('\n## References\n');
        assert.ok(references?.includes(`- Runbook: [${title}](../runbooks/${name}.md)\n`));
      }
      const others = rules.filter(({ id }) => !treated.includes(id));
      for (const rule of others) assert.ok(!rulePage(rule).includes(`/${name}.md`), rule.id);
    });
  });
}

test('the index lists every runbook', () => {
  const names = namesIn('docs/runbooks', '.md').filter((name) => name !== 'README');
  assert.deepEqual([...names].sort(), runbooks.map(({ name }) => name).sort());
  const linked = linksIn(read('docs/runbooks/README.md'));
  for (const name of names) assert.ok(linked.includes(`${name}.md`), name);
});

describe('the quick fix of each broken example mends it', () => {
  const broken: [folder: string, rule: string][] = [
    ['black-hole', 'needed-connection-blocked'],
    ['wrong-namespace', 'namespace-unknown'],
  ];
  for (const [folder, rule] of broken) {
    test(folder, async () => {
      const netpol = await open(folder);
      const [finding, ...others] = serious(netpol);
      assert.ok(finding !== undefined && others.length === 0);
      assert.equal(finding.rule.id, rule);
      const texts = netpol.applyChanges(finding.fixes[0]?.changes() ?? []);
      assert.ok(texts !== undefined && texts.size === 1);
      for (const [uri, text] of texts) netpol.workspace.setBuffer(uri, text, undefined);
      assert.deepEqual(serious(netpol), []);
      assert.deepEqual(serious(await open(`${folder}-fixed`)), [], 'and so does the fixed example');
    });
  }
});

test('a broken example and its fixed one are the same application', () => {
  for (const folder of ['black-hole', 'wrong-namespace'])
    assert.equal(
      read(`examples/runbooks/${folder}-fixed/applications.yaml`),
      read(`examples/runbooks/${folder}/applications.yaml`),
    );
});

async function open(folder: string): Promise<Netpol> {
  return Netpol.open(nodeFiles(), [pathToFileURL(join(root, 'examples/runbooks', folder)).toString()]);
}

function serious(netpol: Netpol) {
  return [...netpol.workspace.files.keys()]
    .flatMap((uri) => netpol.findings(uri))
    .filter(({ severity }) => severity === 'error' || severity === 'warning');
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { blocksOf } from '../docs/blocks.js';
import { root } from '../docs/pages.js';
import { dnsIsAdded, hoverSaysWhatIsAllowed, pluginIsCompleted, type Report, settingsArrived } from './said.js';
import { keptCapabilities, newWorkbench, setUpOf, type Workbench } from './workbench.js';

interface Place {
  readonly text: string;
  readonly line: number;
  readonly file: string;
}

type NeovimReport = Report & {
  readonly steps: {
    readonly symbols?: readonly Place[];
    /** Where the cursor is after going to the definition. */
    readonly definition?: { readonly file: string; readonly line: number };
    readonly references?: readonly Place[];
    /** How often the new label is in the files that the rename has changed. */
    readonly renamed?: Readonly<Record<string, number>>;
    readonly undone?: string;
    readonly explained?: string;
  };
};

let bench: Workbench;
let report: NeovimReport;

before(async () => {
  bench = newWorkbench();
  const init = bench.write('init.lua', setUpOf('Neovim 0.7', 'lua'));
  const explain = bench.write('explain.lua', setUpOf('Requests beyond the protocol', 'lua'));
  const script = join(root, 'test/other-editors/neovim.lua');
  report = (await bench.run('nvim', ['--headless', '--clean', '-u', init, '-S', script], {
    EXPLAIN: explain,
  })) as NeovimReport;
});

after(() => bench?.remove());

test('every step in Neovim comes to its end', () => assert.equal(report.problem, undefined));
test('the settings of the page reach the server from Neovim', () => settingsArrived(report));
test('the hover in Neovim says what a policy allows', () => hoverSaysWhatIsAllowed(report));
test('a fix from the menu of Neovim changes the buffer', () => dnsIsAdded(report));
test('a value is completed in Neovim', () => pluginIsCompleted(report));

test('one undo in Neovim takes the fix back, and the finding returns', () => {
  assert.doesNotMatch(report.steps.undone ?? '', /egress:/);
  assert.match(report.steps.undone ?? '', /- Egress$/);
});

test('the outline in Neovim has the policy, its direction, its peers and its port', () => {
  const { symbols = [] } = report.steps;
  const at = (line: number) => symbols.find((symbol) => symbol.line === line)?.text ?? '';
  assert.match(at(5), /api$/);
  assert.match(at(13), /ingress$/);
  assert.match(at(15), /pods app=frontend in shop$/);
  assert.match(at(22), /TCP 8080$/);
});

test('Neovim goes from the selector of a policy to the workload', () => {
  assert.deepEqual(report.steps.definition, { file: 'shop/api.yaml', line: 4 });
});

test('Neovim lists the policies and peers that a label of pods is asked for by', () => {
  const places = (report.steps.references ?? []).map(({ file, line }) => `${file}:${line}`);
  for (const place of ['policies/api.yaml:10', 'policies/postgres-ingress.yaml:17', 'policies/api-egress.yaml:10']) {
    assert.ok(places.includes(place), `${place} is not among ${places.join(', ')}`);
  }
  assert.ok(!places.includes('policies/worker-egress.yaml:10'), 'another workload’s');
});

test('a rename in Neovim changes the label in the workload and in every policy', () => {
  const { renamed = {} } = report.steps;
  assert.equal(renamed['policies/api.yaml'], 1);
  assert.equal(renamed['policies/postgres-ingress.yaml'], 1);
  assert.ok((renamed['shop/api.yaml'] ?? 0) >= 2, JSON.stringify(renamed));
  assert.equal(renamed['policies/worker-egress.yaml'], undefined);
});

test('a request of ours works in Neovim as the page has it', () => {
  assert.match(report.steps.explained ?? '', /storefront\/frontend.*shop\/api.*TCP 8080/);
});

test('what Neovim says that it can is what is kept', () => {
  const { capabilities, workspaceFolders, rootUri } = bench.initialized();
  keptCapabilities('neovim-0.7', capabilities);
  // The root of the repository, found from a file below it.
  assert.match(rootUri ?? '', /\/shop$/);
  assert.deepEqual(
    workspaceFolders?.map(({ uri }) => uri),
    [rootUri],
  );
});

test('every block of Lua in the page is Lua', () => {
  for (const [index, block] of blocksOf('docs/editors.md', 'lua').entries()) {
    const file = bench.write(`block-${index}.lua`, block);
    const check = `lua local ok, why = loadfile([[${file}]]); if not ok then io.stderr:write(why); vim.cmd('cquit') end`;
    execFileSync('nvim', ['--headless', '--clean', '-c', check, '-c', 'quit'], { stdio: 'pipe' });
  }
});

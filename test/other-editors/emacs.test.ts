import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../docs/pages.js';
import { dnsIsAdded, hoverSaysWhatIsAllowed, pluginIsCompleted, type Report, settingsArrived } from './said.js';
import { keptCapabilities, newWorkbench, setUpOf, type Workbench } from './workbench.js';

type EglotReport = Report & {
  readonly steps: {
    readonly symbols?: readonly string[];
    readonly definitions?: readonly { readonly file: string; readonly line: number }[];
  };
};

/** Runs a script in Emacs, in the set-up of the page under a heading. */
async function emacs(bench: Workbench, heading: string, script: string): Promise<unknown> {
  const init = bench.write('init.el', setUpOf(heading, 'elisp'));
  const files = [init, join(root, 'test/other-editors', script)].flatMap((file) => ['-l', file]);
  return bench.run('emacs', ['--batch', '-f', 'package-activate-all', '-l', 'yaml-mode', ...files]);
}

describe('Emacs with eglot', () => {
  let bench: Workbench;
  let report: EglotReport;

  before(async () => {
    bench = newWorkbench();
    report = (await emacs(bench, 'Emacs with eglot', 'eglot.el')) as EglotReport;
  });
  after(() => bench?.remove());

  test('every step comes to its end', () => assert.equal(report.problem, undefined));
  test('the settings of the page reach the server', () => settingsArrived(report));
  test('the hover says what a policy allows', () => hoverSaysWhatIsAllowed(report));
  test('a fix from the menu changes the buffer', () => dnsIsAdded(report));
  test('a value is completed', () => pluginIsCompleted(report));
  test('the outline has the policy, its direction and its peers', () => {
    const { symbols = [] } = report.steps;
    for (const name of ['api', 'ingress', 'pods app=frontend in shop', 'TCP 8080'])
      assert.ok(symbols.includes(name), name);
  });
  test('the definition of a selector is the workload', () => {
    assert.deepEqual(report.steps.definitions, [{ file: 'shop/api.yaml', line: 4 }]);
  });
  test('what eglot says that it can is what is kept', () => {
    keptCapabilities('eglot-1.9', bench.initialized().capabilities);
  });
});

describe('Emacs with lsp-mode', () => {
  let bench: Workbench;
  let report: Report;

  before(async () => {
    bench = newWorkbench();
    report = (await emacs(bench, 'Emacs with lsp-mode', 'lsp-mode.el')) as Report;
  });
  after(() => bench?.remove());

  test('every step comes to its end', () => assert.equal(report.problem, undefined));
  test('the settings of the page reach the server', () => settingsArrived(report));
  test('the hover says what a policy allows', () => hoverSaysWhatIsAllowed(report));
  test('a fix from the menu changes the buffer', () => dnsIsAdded(report));
  test('a value is completed', () => pluginIsCompleted(report));
  test('what lsp-mode says that it can is what is kept', () => {
    keptCapabilities('lsp-mode-8.0', bench.initialized().capabilities);
  });
});

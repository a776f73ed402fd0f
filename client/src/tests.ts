import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  RUN_TESTS,
  type RunTestsParams,
  TESTS,
  type TestFileItem,
  type TestFileResult,
  type TestResultItem,
} from './protocol.js';
import { afterChanges, reason, type Session } from './session.js';
import { failureMessages } from './test-messages.js';

const TEST_FILES = '**/*.netpol-test.{yaml,yml}';

/**
 * Lists the connectivity tests of the workspace in the Test Explorer, and runs them there, from the gutter, and after each
 * change where that is switched on. The server runs them, over the text as it stands in the editors.
 */
export function provideTests(session: Session, output: vscode.LogOutputChannel): vscode.Disposable {
  const controller = vscode.tests.createTestController('netpol', vscode.l10n.t('netpol: connectivity tests'));
  const changed = new vscode.EventEmitter<void>();
  const list = async () => {
    const client = await session.client();
    showTests(controller, client, await client.sendRequest<TestFileItem[]>(TESTS, {}));
  };
  const reporting = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      // A server that does not run has said so itself.
      output.error(`${vscode.l10n.t('Connectivity tests')}: ${reason(error)}`);
    }
  };
  controller.resolveHandler = (item) =>
    reporting(async () => {
      // To look at the tests starts the server only where there are any.
      if (item === undefined && (session.state.kind !== 'waiting' || (await hasTests()))) await list();
    });
  controller.refreshHandler = () => reporting(list);
  const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken) =>
    reporting(async () => runTests(controller, await session.client(), request, token));
  controller.createRunProfile(
    vscode.l10n.t('Run'),
    vscode.TestRunProfileKind.Run,
    async (request, token) => {
      if (controller.items.size === 0) await reporting(list);
      if (request.continuous === true) follow(changed.event, token, () => run(request, token));
      else await run(request, token);
    },
    true,
    undefined,
    true,
  );
  const listening = afterChanges(session, () =>
    reporting(async () => {
      await list();
      controller.invalidateTestResults();
      changed.fire();
    }),
  );
  return vscode.Disposable.from(controller, changed, listening);
}

async function hasTests(): Promise<boolean> {
  return (await vscode.workspace.findFiles(TEST_FILES, '**/node_modules/**', 1)).length > 0;
}

/** Acts now and after each change, one after the other: of changes meanwhile only the last one counts. */
function follow(changes: vscode.Event<void>, token: vscode.CancellationToken, act: () => Promise<void>): void {
  let running = false;
  let again = false;
  const next = async () => {
    again = running;
    if (running) return;
    running = true;
    await act();
    running = false;
    if (again && !token.isCancellationRequested) await next();
  };
  const listener = changes(() => void next());
  token.onCancellationRequested(() => listener.dispose());
  void next();
}

/** Items that are still there stay the same, with their results. */
function showTests(controller: vscode.TestController, client: BaseLanguageClient, files: TestFileItem[]): void {
  const converter = client.protocol2CodeConverter;
  const shown = files.filter(({ tests, problem }) => tests.length > 0 || problem !== undefined);
  replaceItems(
    controller.items,
    shown.map(({ uri: text, tests, problem }) => {
      const uri = converter.asUri(text);
      const file =
        controller.items.get(text) ?? controller.createTestItem(text, vscode.workspace.asRelativePath(uri), uri);
      file.error = problem;
      replaceItems(
        file.children,
        tests.map(({ id, label, range }, index) => {
          const test = file.children.get(id) ?? controller.createTestItem(id, label, uri);
          test.range = converter.asRange(range);
          test.sortText = String(index).padStart(6, '0');
          return test;
        }),
      );
      return file;
    }),
  );
}

/** What is replaced by itself would lose what was opened or chosen in the list. */
function replaceItems(collection: vscode.TestItemCollection, items: readonly vscode.TestItem[]): void {
  const wanted = new Set(items);
  const gone: string[] = [];
  collection.forEach((item) => {
    if (!wanted.has(item)) gone.push(item.id);
  });
  for (const id of gone) collection.delete(id);
  for (const item of items) if (collection.get(item.id) !== item) collection.add(item);
}

async function runTests(
  controller: vscode.TestController,
  client: BaseLanguageClient,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  const wanted = wantedTests(controller, request);
  const run = controller.createTestRun(request);
  const isOver = () => token.isCancellationRequested || run.token.isCancellationRequested;
  try {
    for (const test of [...wanted.values()].flat()) run.started(test);
    const files = [...wanted].map(([file, tests]) => ({ uri: file.id, tests: tests.map(({ id }) => id) }));
    const params: RunTestsParams = { files };
    const answer = await client.sendRequest<TestFileResult[]>(RUN_TESTS, params, token);
    if (isOver()) return;
    for (const [file, tests] of wanted) {
      const found = answer.find(({ uri }) => uri === file.id);
      const byId = new Map(found?.results.map((result) => [result.id, result]));
      for (const test of tests) tell(run, client, test, byId.get(test.id));
      if (found !== undefined && found.problems.length > 0) {
        const messages = found.problems.map(({ message, range }) => {
          const shown = new vscode.TestMessage(message);
          if (file.uri !== undefined)
            shown.location = new vscode.Location(file.uri, client.protocol2CodeConverter.asRange(range));
          return shown;
        });
        run.errored(file, messages);
      }
    }
  } catch (error) {
    const message = new vscode.TestMessage(reason(error));
    for (const test of [...wanted.values()].flat()) run.errored(test, message);
    throw error;
  } finally {
    run.end();
  }
}

/** Says how a test came out. Only what holds for certain has passed. */
function tell(
  run: vscode.TestRun,
  client: BaseLanguageClient,
  test: vscode.TestItem,
  result: TestResultItem | undefined,
): void {
  if (result === undefined) {
    run.skipped(test);
    return;
  }
  const { verdict } = result;
  const mark = verdict === 'passed' ? '✓' : '✗';
  run.appendOutput(`${mark} ${verdictWords(verdict)}  ${test.label}\r\n`, undefined, test);
  if (verdict === 'passed') run.passed(test);
  else if (verdict === 'not asked') run.errored(test, failureMessages(client, test, result));
  else run.failed(test, failureMessages(client, test, result));
}

function verdictWords(verdict: TestResultItem['verdict']): string {
  switch (verdict) {
    case 'passed':
      return vscode.l10n.t('passed');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'not certain':
      return vscode.l10n.t('not certain');
    case 'not asked':
      return vscode.l10n.t('not asked');
  }
}

/** The tests of each file that are to run: all, or what was chosen; without what was left out. */
function wantedTests(
  { items }: vscode.TestController,
  { include, exclude = [] }: vscode.TestRunRequest,
): Map<vscode.TestItem, vscode.TestItem[]> {
  const wanted = new Map<vscode.TestItem, vscode.TestItem[]>();
  const add = (item: vscode.TestItem) => {
    if (exclude.includes(item)) return;
    if (item.parent === undefined) {
      if (!wanted.has(item)) wanted.set(item, []);
      item.children.forEach(add);
      return;
    }
    const tests = wanted.get(item.parent) ?? [];
    if (!tests.includes(item)) tests.push(item);
    wanted.set(item.parent, tests);
  };
  if (include === undefined) items.forEach(add);
  else include.forEach(add);
  return wanted;
}

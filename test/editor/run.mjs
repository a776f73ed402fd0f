#!/usr/bin/env node
// Runs the extension in real editors:
//   node test/editor/run.mjs [--only web|desktop|installed] [--extension PATH] [--suite FILE.ts] [--person FILE.mjs] [--case TEXT]
//
// --case runs only what a person does whose name holds the text, and no suite.
// Exit code 0 only when at least one case ran in every editor and all passed.
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleSuite } from './bundle.mjs';
import { harnessRoot, repositoryRoot, screenshots } from './machine.mjs';
import { newReport } from './report.mjs';
import { isSetUp } from './setup.mjs';

// A busy machine is slow, not broken: these end what hangs. A run takes less than half of it on two idle cores.
const limitPerEditor = 1_200_000;
const limitOfSuite = 150_000;
const limitPerPersonCase = 60_000;
/** How many cases of a run may need a second try. */
const secondTries = 3;

/** What must be undone, newest first, however the run ends. */
const cleanups = [];

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      extension: { type: 'string', default: repositoryRoot },
      suite: { type: 'string', default: join(harnessRoot, 'suite', 'index.ts') },
      person: { type: 'string', default: join(harnessRoot, 'person-cases.mjs') },
      case: { type: 'string' },
    },
  });
  const runs = { desktop: runDesktop, web: runWeb, installed: runInstalled };
  // What is packaged is this project's extension, and no other.
  const usual = values.extension === repositoryRoot ? Object.keys(runs) : ['desktop', 'web'];
  const editors = values.only === undefined ? usual : [values.only];
  if (!editors.every((editor) => editor in runs))
    throw new UsageError(`--only takes web, desktop or installed, not ${values.only}`);
  if (!isSetUp()) throw new UsageError('not set up yet: run node test/editor/setup.mjs first');

  const options = {
    extension: resolve(values.extension),
    suite: resolve(values.suite),
    person: resolve(values.person),
    only: values.case,
  };
  await clearOldFailures();
  const summaries = [];
  for (const editor of editors) {
    const started = Date.now();
    const report = newReport(editor);
    try {
      await within(limitPerEditor, () => `the ${editor} run, in: ${report.current},`, runs[editor](options, report));
    } catch (error) {
      report.fail('run', error);
    }
    await cleanUp();
    summaries.push(report.summary(started));
    if (!report.ok) process.exitCode = 1;
  }
  for (const line of summaries) console.log(line);
}

async function runDesktop({ extension, suite, person, only }, report) {
  const { startDesktop } = await import('./editors/desktop.mjs');
  const bundled = await bundleSuite({ suite, extension, host: 'node' });
  const temporary = await temporaryFolder();
  const server = await startDesktop({ extension, data: join(temporary, 'data') });
  cleanups.push(server.stop);
  const browser = await openBrowser();
  const folder = await copyOfWorkspace(temporary, 'suite');
  if (only === undefined)
    await runSuite({ browser, server, address: server.address({ suite: bundled, folder }), report });
  await runPersonCases({ browser, server, cases: person, only, temporary, report });
}

async function runWeb({ extension, suite }, report) {
  const { startWeb } = await import('./editors/web.mjs');
  const bundled = await bundleSuite({ suite, extension, host: 'web' });
  const folder = await copyOfWorkspace(await temporaryFolder(), 'suite');
  const server = await startWeb({ extension, folder, suite: bundled });
  cleanups.push(server.stop);
  const browser = await openBrowser();
  await runSuite({ browser, server, address: server.address(), report });
}

/** The extension from its VSIX. Its cases are few: that it works at all is what only this run can tell. */
async function runInstalled({ only }, report) {
  const { startInstalled } = await import('./editors/installed.mjs');
  const temporary = await temporaryFolder();
  const server = await startInstalled({ temporary, data: join(temporary, 'data') });
  cleanups.push(server.stop);
  const browser = await openBrowser();
  const cases = join(harnessRoot, 'person-installed.mjs');
  await runPersonCases({ browser, server, cases, only, temporary, report });
}

/** Opens the page on the suite and waits for the editor to say how it ended. */
async function runSuite({ browser, server, address, report }) {
  const { newPage } = await import('./editors/browser.mjs');
  const lastWords = [];
  const { page, died, close } = await newPage(browser, (text) => {
    lastWords.push(text);
    if (lastWords.length > 30) lastWords.shift();
  });
  cleanups.push(close);
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    for (const text of args) if (typeof text === 'string') report.hear(text);
  });
  const exited = new Promise((done) => page.exposeFunction('codeAutomationExit', done));
  const late = () => `the suite, in: ${report.current},`;
  const exit = within(limitOfSuite, late, Promise.race([exited, died, server.died]));
  exit.catch(() => {});
  try {
    await page.goto(address, { waitUntil: 'commit' });
    report.suiteEnded(await exit);
  } catch (error) {
    await page.screenshot({ path: join(screenshots, 'failed-suite.png') }).catch(() => {});
    console.error(`the page's last words:\n${lastWords.join('\n')}\nthe server's:\n${server.log()}`);
    throw error;
  } finally {
    await close();
  }
}

/**
 * Each case gets a fresh window and a fresh copy of the sample workspace, or of the part of it that `opens` names, or of the
 * folder of the repository that is its `copyOf`: no case sees another's edits. It may have `settings` of its own.
 *
 * A window of a busy machine now and then loses a key. A case that failed is tried once more from the start, which the report
 * says; more than `secondTries` such cases in a run are no accident.
 */
async function runPersonCases({ browser, server, cases: file, only = '', temporary, report }) {
  const { cases } = await import(pathToFileURL(file).href);
  let left = secondTries;
  for (const each of cases.filter(({ name }) => name.includes(only))) {
    const name = `person: ${each.name}`;
    report.begin(name);
    const first = await tryCase(each, { browser, server, temporary, attempt: 1 });
    if (first === undefined) {
      report.pass(name);
      continue;
    }
    if (left === 0) {
      report.fail(name, first);
      continue;
    }
    left -= 1;
    report.tryAgain(name, first);
    const second = await tryCase(each, { browser, server, temporary, attempt: 2 });
    if (second === undefined) report.pass(name);
    else report.fail(name, second);
  }
}

/** Answers what went wrong, and undefined when all went well. */
async function tryCase({ name, opens = '', copyOf, settings, run }, { browser, server, temporary, attempt }) {
  const { newPage } = await import('./editors/browser.mjs');
  const { personAt } = await import('./person.mjs');
  const { page, died, close } = await newPage(browser, undefined, settings);
  cleanups.push(close);
  const folder = join(await copyOfWorkspace(temporary, `person-${name}-${attempt}`, copyOf), opens);
  const person = personAt(page, { screenshots, folder });
  const steps = async () => {
    await page.goto(server.address({ folder }), { waitUntil: 'commit' });
    await person.windowIsReady();
    await run(page, person);
  };
  try {
    await within(limitPerPersonCase, () => 'the case', Promise.race([steps(), died, server.died]));
    return undefined;
  } catch (error) {
    await page.screenshot({ path: join(screenshots, `failed-${fileName(name)}-${attempt}.png`) }).catch(() => {});
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await close();
  }
}

async function openBrowser() {
  const { launchBrowser } = await import('./editors/browser.mjs');
  const browser = await launchBrowser();
  cleanups.push(() => browser.close());
  return browser;
}

/** A picture of a failure belongs to the run that failed. */
async function clearOldFailures() {
  await mkdir(screenshots, { recursive: true });
  const old = (await readdir(screenshots)).filter((name) => name.startsWith('failed-'));
  for (const name of old) await rm(join(screenshots, name));
}

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-editor-'));
  // Servers that are just ending may still write.
  cleanups.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The folder's own name is what the window shows. */
async function copyOfWorkspace(temporary, owner, original) {
  const folder = join(temporary, fileName(owner), 'shop');
  const from = original === undefined ? join(harnessRoot, 'workspace') : join(repositoryRoot, original);
  await cp(from, folder, { recursive: true });
  return folder;
}

function fileName(text) {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** `what` is asked for its words when it is late. */
async function within(limit, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()} took longer than ${limit / 1000} s`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function cleanUp() {
  for (const undo of cleanups.splice(0).reverse()) {
    // What is gone already needs no undoing, and one failure must not keep the rest.
    await Promise.resolve(undo()).catch(() => {});
  }
}

class UsageError extends Error {}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await cleanUp();
    process.exit(130);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await cleanUp();
}

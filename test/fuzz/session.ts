import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { everything } from './capabilities.js';
import { readCorpus } from './corpus.js';
import { DrivenServer, folderWith, type ServerOptions } from './driven-server.js';
import { Generator } from './generator.js';
import { type Change, changed, type OpenText } from './mirror.js';
import { Random } from './random.js';
import { draws } from './requests.js';
import { FuzzFailure, type Message, rootUri, type Step } from './steps.js';

/** A run that can be played again: what the folder held, and all that was done. */
export interface Recording {
  readonly seed: number;
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface SessionOptions extends ServerOptions {
  readonly seed: number;
  /** How many changes of texts, at least. */
  readonly edits: number;
  /** Called after each round. */
  readonly progress?: (edits: number) => void;
}

export interface SessionResult {
  readonly edits: number;
  readonly answers: number;
  readonly slowest: { readonly method: string; readonly ms: number };
  /** The heap in use after a collection: after the first tenth of the run, and at its end, in bytes. */
  readonly heap: { readonly early: number; readonly end: number };
  readonly failure: FuzzFailure | undefined;
  readonly recording: Recording;
}

let corpus: ReturnType<typeof readCorpus> | undefined;

/** One server from its start to its end, under random messages. What is wrong is in the result. */
export async function fuzz(options: SessionOptions): Promise<SessionResult> {
  corpus ??= readCorpus();
  const random = new Random(options.seed);
  const files = random.pick(corpus.workspaces);
  const generator = new Generator(random, corpus, files);
  const steps: Step[] = [];
  const answered: [method: string, answer: unknown][] = [];
  const folder = await folderWith(files);
  const server = DrivenServer.start(folder, options, (method, answer) => answered.push([method, answer]));
  const heap = { early: 0, end: 0 };
  let failure: FuzzFailure | undefined;
  const perform = async (round: readonly Step[]) => {
    steps.push(...round);
    for (const step of round) await server.perform(step);
    // Only what every run with this seed is answered may steer it: not what was cancelled in time by luck.
    for (const [method, answer] of answered) generator.answered(method, answer);
    answered.length = 0;
  };
  try {
    await perform(generator.start(initializeParams));
    while (generator.edits < options.edits) {
      await perform(generator.round());
      options.progress?.(generator.edits);
      if (heap.early === 0 && generator.edits * 10 > options.edits) heap.early = await server.heap();
    }
    heap.end = await server.heap();
    await compareWithFresh(server, { seed: options.seed, files, steps }, options);
    await perform(generator.end());
    await server.exit();
  } catch (error) {
    failure = failureOf(error);
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
  const { answers, slowest } = server;
  return { edits: generator.edits, answers, slowest, heap, failure, recording: { seed: options.seed, files, steps } };
}

/** Plays a recording; what it shows, or undefined where all is well. In the end the server is `compared` with a fresh one. */
export async function replay(
  recording: Recording,
  options: ServerOptions,
  end: 'compared' | 'not compared' = 'compared',
): Promise<FuzzFailure | undefined> {
  const folder = await folderWith(recording.files);
  const server = DrivenServer.start(folder, options);
  try {
    for (const step of recording.steps) await server.perform(step);
    await server.idle();
    const shutDown = recording.steps.some((step) => step.do === 'send' && step.message.method === 'shutdown');
    const begun = recording.steps.some((step) => step.do === 'send' && step.message.method === 'initialized');
    if (end === 'compared' && begun && !shutDown) await compareWithFresh(server, recording, options);
    return server.failure;
  } catch (error) {
    return failureOf(error);
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

function failureOf(error: unknown): FuzzFailure {
  if (error instanceof FuzzFailure) return error;
  throw error;
}

const initializeParams = {
  processId: null,
  rootUri,
  capabilities: everything,
  initializationOptions: { commands: ['netpol.showChanges', 'netpol.explain', 'netpol.runTests'] },
  workspaceFolders: [{ uri: rootUri, name: 'fuzz' }],
};

interface State {
  readonly open: ReadonlyMap<string, OpenText>;
  readonly settings: unknown;
  /** Every file that was there at some time. */
  readonly paths: ReadonlySet<string>;
}

/** Where all the steps lead, as the protocol has it. */
export function stateAfter({ files, steps }: Recording): State {
  const open = new Map<string, OpenText>();
  const paths = new Set(Object.keys(files));
  let settings: unknown = null;
  let initialized = false;
  for (const step of steps) {
    if (step.do === 'configure') settings = step.settings;
    else if (step.do === 'write') paths.add(step.path);
    else if (step.do === 'send') {
      if (step.message.method === 'initialize') initialized = true;
      if (initialized && step.malformed !== true) follow(open, step.message);
    }
  }
  return { open, settings, paths };
}

function follow(open: Map<string, OpenText>, { method, params }: Message): void {
  if (!method?.startsWith('textDocument/did')) return;
  const { textDocument, contentChanges } = params as {
    readonly textDocument: { readonly uri: string; readonly version: number; readonly text: string };
    readonly contentChanges: readonly Change[];
  };
  const { uri, version, text } = textDocument;
  const known = open.get(uri);
  if (method === 'textDocument/didOpen') open.set(uri, { text, version });
  else if (method === 'textDocument/didClose') open.delete(uri);
  else if (method === 'textDocument/didChange' && known !== undefined)
    open.set(uri, { text: changed(known.text, contentChanges), version });
}

/** After all that happened, the server answers as one does that has just been started. */
async function compareWithFresh(server: DrivenServer, recording: Recording, options: ServerOptions): Promise<void> {
  const { open, settings, paths } = stateAfter(recording);
  server.send({ jsonrpc: '2.0', method: 'workspace/didChangeConfiguration', params: { settings: null } });
  await server.settle(paths);
  const fresh = DrivenServer.start(server.folder, { slow: options.slow });
  try {
    await fresh.perform({ do: 'configure', settings });
    await fresh.ask('initialize', initializeParams);
    fresh.send({ jsonrpc: '2.0', method: 'initialized', params: {} });
    for (const [uri, { text, version }] of open) {
      const textDocument = { uri, languageId: 'yaml', version, text };
      fresh.send({ jsonrpc: '2.0', method: 'textDocument/didOpen', params: { textDocument } });
    }
    await fresh.settle(paths);
    const uris = new Set([...open.keys(), ...[...paths].map((path) => `${rootUri}/${path}`)]);
    for (const [method, params] of questions(uris, open)) {
      let told: readonly number[] = [];
      const ask = async () => {
        told = [server.refreshes, fresh.refreshes];
        const answers = [server.ask(method, params), fresh.ask(method, params)];
        // An answer that never comes is waited for no longer than any other.
        await server.idle();
        await fresh.idle();
        return await Promise.all(answers);
      };
      let [there, expected] = await ask();
      // What a server still reads, it tells: an answer that it takes back so was early, and not wrong.
      while (!equal(there, expected) && (await takenBack([server, fresh], told))) [there, expected] = await ask();
      if (equal(there, expected)) continue;
      throw new FuzzFailure({
        kind: 'other answer',
        about: method,
        detail: `${JSON.stringify(params)}\nafter the edits: ${excerpt(there, expected)}\nread anew:       ${excerpt(expected, there)}`,
      });
    }
  } finally {
    await fresh.kill();
  }
}

function equal(there: unknown, expected: unknown): boolean {
  return JSON.stringify(there) === JSON.stringify(expected);
}

/** Whether one of the servers has told since it was asked, or tells within a second, that its answers have changed. */
function takenBack(servers: readonly DrivenServer[], told: readonly number[]): Promise<boolean> {
  return Promise.race([...servers.map((each, index) => each.refreshed(told[index] ?? 0)), setTimeout(1000, false)]);
}

/** What both are asked: of each file its diagnostics and what is shown in it, and of some places all the rest. */
function* questions(
  uris: ReadonlySet<string>,
  open: ReadonlyMap<string, OpenText>,
): Iterable<[method: string, params: unknown]> {
  for (const uri of uris) yield ['textDocument/diagnostic', { textDocument: { uri } }];
  const random = new Random(1);
  for (const uri of uris) {
    const text = open.get(uri)?.text ?? '';
    const subject = { uri, text, word: () => 'api', answered: () => undefined };
    for (const [method, draw] of Object.entries(draws)) yield [method, draw(random, subject)];
  }
}

/** Around the first difference. */
function excerpt(answer: unknown, other: unknown): string {
  const [text, second] = [JSON.stringify(answer) ?? '', JSON.stringify(other) ?? ''];
  let at = 0;
  while (at < text.length && text[at] === second[at]) at++;
  return `${text.slice(Math.max(0, at - 300), at)}>>>${text.slice(at, at + 300)}`;
}

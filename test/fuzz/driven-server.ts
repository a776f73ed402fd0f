import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FrameReader } from '#server/rpc/frames.js';
import { FuzzFailure, type Message, rootUri, type Step } from './steps.js';

const compiled = fileURLToPath(import.meta.resolve('#server/node.js'));
const memory = fileURLToPath(new URL('../../fuzz/memory.cjs', import.meta.url));

export interface ServerOptions {
  /** A fault of `fault.ts` that is put into the server. */
  readonly fault?: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly patience?: number;
  /** An answer that takes longer is a failure. In milliseconds. */
  readonly slow: number;
}

/** A folder that goes with the run. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-fuzz-'));
  for (const [path, text] of Object.entries(files)) await write(folder, path, text);
  return folder;
}

async function write(folder: string, path: string, text: string | undefined): Promise<void> {
  if (text === undefined) return rm(join(folder, path), { force: true });
  await mkdir(dirname(join(folder, path)), { recursive: true });
  return writeFile(join(folder, path), text);
}

interface Asked {
  readonly method: string;
  readonly malformed: boolean;
  readonly sent: number;
  resolve(answer: unknown): void;
}

interface Incoming extends Message {
  readonly error?: { readonly code: number; readonly message: string };
}

/** A server in a process of its own, watched for everything that must not happen. The first such thing is `failure`. */
export class DrivenServer {
  failure: FuzzFailure | undefined;
  /** The slowest answer, in milliseconds, without what the server did before. */
  slowest = { method: '', ms: 0 };
  answers = 0;
  readonly #asked = new Map<number | string, Asked[]>();
  /** Notifications that a handler may refuse, of the round and of the one before. */
  #refusable = new Set<string>();
  #refusableBefore = new Set<string>();
  #settings: unknown = null;
  #lastAnswer = 0;
  #refreshes = 0;
  readonly #awaitRefresh: (() => void)[] = [];
  #wake = () => {};
  #stderr = '';
  #ended = false;
  #serial = 0;
  readonly exited: Promise<number | null>;

  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess & {
      readonly stdin: Writable;
      readonly stdout: Readable;
      readonly stderr: Readable;
    },
    private readonly options: ServerOptions,
    private readonly onAnswer: (method: string, answer: unknown) => void,
  ) {
    const frames = new FrameReader();
    child.stdout.on('data', (chunk: Uint8Array) => {
      for (const text of frames.read(chunk)) if (typeof text === 'string') this.#receive(this.#neutral(text));
    });
    child.stderr.on('data', (chunk: Uint8Array) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    // A server that has died takes nothing more; that it died is what is reported.
    child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) => child.on('close', resolve));
    void this.exited.then((code) => {
      if (!this.#ended) this.#fail('server ended', `with ${code}`, this.#stderr);
      for (const { resolve } of [...this.#asked.values()].flat()) resolve(undefined);
      this.#wake();
    });
  }

  static start(
    folder: string,
    options: ServerOptions,
    onAnswer: (method: string, answer: unknown) => void = () => {},
  ): DrivenServer {
    const { fault } = options;
    const faults = fault === undefined ? [] : ['--import', new URL('./fault.js', import.meta.url).href];
    const child = spawn(process.execPath, ['--expose-gc', '-r', memory, ...faults, compiled, '--stdio'], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...(fault === undefined ? {} : { NETPOL_FAULT: fault }) },
    });
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('The server has no standard streams.');
    return new DrivenServer(folder, Object.assign(child, { stdin, stdout, stderr }), options, onAnswer);
  }

  /** Does one step; rejects with what has gone wrong. */
  async perform(step: Step): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (step.do === 'send') this.send(step.message, step.malformed === true);
    else if (step.do === 'body') this.#write(step.text);
    else if (step.do === 'write') await write(this.folder, step.path, step.text);
    else if (step.do === 'configure') this.#settings = step.settings;
    else await this.idle();
  }

  send(message: Message, malformed = false): Promise<unknown> {
    const { id, method } = message;
    let answer: Promise<unknown> = Promise.resolve();
    if (method !== undefined && id !== undefined) {
      answer = new Promise((resolve) => {
        const asked = this.#asked.get(id) ?? [];
        this.#asked.set(id, [...asked, { method, malformed, sent: performance.now(), resolve }]);
      });
    } else if (method !== undefined && malformed) this.#refusable.add(method);
    this.#write(JSON.stringify(message));
    // Of a server that has gone nothing comes any more.
    return this.failure === undefined ? answer : Promise.resolve(undefined);
  }

  /** Asks beside the run. */
  ask(method: string, params: unknown): Promise<unknown> {
    return this.send({ jsonrpc: '2.0', id: `own ${this.#serial++}`, method, params });
  }

  /** Waits until every request has its answer. */
  async idle(): Promise<void> {
    while (this.#asked.size > 0) await this.#woken();
    if (this.failure !== undefined) throw this.failure;
    this.#refusableBefore = this.#refusable;
    this.#refusable = new Set();
  }

  /** Tells of all these files, and waits until the server has read what is there now. */
  async settle(paths: Iterable<string>): Promise<void> {
    const changes = [...paths].map((path) => ({ uri: `${rootUri}/${path}`, type: 2 }));
    for (let times = 0; times < 2; times++) {
      const before = this.#refreshes;
      this.send({ jsonrpc: '2.0', method: 'workspace/didChangeWatchedFiles', params: { changes } });
      while (this.#refreshes === before) await this.#woken();
    }
  }

  /** How often the server has told that its answers have changed. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Resolves when the server has told so more often than that. */
  refreshed(than: number): Promise<true> {
    if (this.#refreshes > than) return Promise.resolve(true);
    return new Promise((resolve) => this.#awaitRefresh.push(() => resolve(true)));
  }

  /** The heap in use after a collection, in bytes. */
  async heap(): Promise<number> {
    const said = new Promise<number>((resolve) => this.child.once('message', (bytes) => resolve(Number(bytes))));
    if (this.child.connected) this.child.send('collect');
    const bytes = await Promise.race([said, this.exited]);
    if (this.failure !== undefined) throw this.failure;
    return bytes ?? 0;
  }

  /** The end that the protocol wants; the exit code is 0. */
  async exit(): Promise<void> {
    this.#ended = true;
    this.send({ jsonrpc: '2.0', method: 'exit' });
    const code = await this.exited;
    if (code !== 0)
      throw new FuzzFailure({ kind: 'server ended', about: `with ${code} after exit`, detail: this.#stderr });
  }

  async kill(): Promise<void> {
    this.#ended = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  #woken(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const methods = [...this.#asked.values()].flat().map(({ method }) => method);
        this.#fail(
          'no answer',
          methods[0] ?? 'a refresh',
          `one of ${methods.length} that are waited for; ${this.#stderr}`,
        );
        this.#wake();
      }, this.options.patience ?? 60_000);
      this.#wake = () => {
        clearTimeout(timer);
        if (this.failure === undefined) resolve();
        else reject(this.failure);
      };
      if (this.failure !== undefined) this.#wake();
    });
  }

  #write(body: string): void {
    const text = body.replaceAll(rootUri, pathToFileURL(this.folder).href);
    const bytes = Buffer.from(text);
    this.child.stdin.write(`Content-Length: ${bytes.length}\r\n\r\n`);
    this.child.stdin.write(bytes);
  }

  #neutral(text: string): Incoming {
    return JSON.parse(text.replaceAll(pathToFileURL(this.folder).href, rootUri));
  }

  #receive(message: Incoming): void {
    const { id, method } = message;
    if (method === undefined) this.#answered(message);
    else if (id !== undefined) this.#answer(id, method);
    else if (method === 'window/logMessage') this.#logged(message.params as { type: number; message: string });
    this.#wake();
  }

  #answered({ id, result, error }: Incoming): void {
    const now = performance.now();
    const key = id ?? 'null';
    const [asked, ...more] = this.#asked.get(key) ?? [];
    if (asked === undefined) {
      this.#fail('two answers', String(id), JSON.stringify({ result, error }).slice(0, 500));
      return;
    }
    if (more.length > 0) this.#asked.set(key, more);
    else this.#asked.delete(key);
    this.answers++;
    const ms = now - Math.max(asked.sent, this.#lastAnswer);
    this.#lastAnswer = now;
    if (ms > this.slowest.ms && asked.method !== 'initialize') this.slowest = { method: asked.method, ms };
    // Before the first answer Node itself has to start.
    if (ms > this.options.slow && asked.method !== 'initialize')
      this.#fail('slow answer', asked.method, `${Math.round(ms)} ms`);
    if (error !== undefined && !asked.malformed && !allowed.has(error.code)) {
      this.#fail('request failed', asked.method, error.message);
    }
    if (error === undefined && !asked.malformed) this.onAnswer(asked.method, result ?? null);
    asked.resolve(error === undefined ? (result ?? null) : { error: error.code });
  }

  #answer(id: number | string, method: string): void {
    if (method === 'workspace/diagnostic/refresh') {
      this.#refreshes++;
      for (const resolve of this.#awaitRefresh.splice(0)) resolve();
    }
    const result =
      method === 'workspace/configuration'
        ? [this.#settings]
        : method === 'workspace/workspaceFolders'
          ? [{ uri: rootUri, name: 'fuzz' }]
          : null;
    // Now and then a client refuses to ask again.
    const refused = method.endsWith('/refresh') && this.#refreshes % 20 === 19;
    const answer = refused ? { error: { code: -32603, message: 'no' } } : { result };
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }

  #logged({ type, message }: { type: number; message: string }): void {
    if (type !== 1) return;
    const rule = /^The rule (\S+) failed/.exec(message)?.[1];
    if (rule !== undefined) this.#fail('rule failed', rule, message);
    const method = /^(.*?) failed: /.exec(message)?.[1] ?? message.slice(0, 60);
    if (!this.#refusable.has(method) && !this.#refusableBefore.has(method))
      this.#fail('notification failed', method, message);
  }

  #fail(kind: FuzzFailure['failure']['kind'], about: string, detail: string): void {
    this.failure ??= new FuzzFailure({ kind, about, detail });
  }
}

/** Cancelled, refused with a reason, and too early or too late. */
const allowed: ReadonlySet<number> = new Set([-32800, -32803]);

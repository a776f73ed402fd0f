// A language client over standard input and output, small enough not to be part of what is measured.

import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const peak = fileURLToPath(new URL('peak.cjs', import.meta.url));

/** A running server. `pull`: it is asked for diagnostics; else it sends them. */
export class Client {
  #child;
  #rest = Buffer.alloc(0);
  #answers = new Map();
  #waiting = [];
  #ids = 0;
  #peak = '';
  #text = new Map();

  /** `measured: false` starts the server without the hook that reports its memory. */
  constructor(program, args, { measured = true } = {}) {
    this.started = performance.now();
    this.#child = spawn(process.execPath, [...(measured ? ['--require', peak] : []), program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit', 'pipe', ...(measured ? ['ipc'] : [])],
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.#child.stdout.on('data', (chunk) => this.#receive(chunk));
    this.#child.stdio[3].on('data', (chunk) => {
      this.#peak += chunk;
    });
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
  }

  request(method, params) {
    const id = ++this.#ids;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject, method }));
    this.#send({ id, method, params });
    return answer;
  }

  notify(method, params) {
    this.#send({ method, params });
  }

  /** The next notification with this method for which `accept` is true. */
  next(method, accept = () => true) {
    return new Promise((resolve) => this.#waiting.push({ method, accept, resolve }));
  }

  /** 'begin' or 'end': what the server has computed until now, and how long it was busy at a stretch since the beginning. */
  meter(what) {
    return new Promise((resolve) => {
      this.#child.once('message', resolve);
      this.#child.send(what);
    });
  }

  async initialize(folder, capabilities, initializationOptions = {}) {
    const uri = `file://${folder}`;
    const answer = await this.request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'bench' }],
      capabilities,
      initializationOptions,
    });
    return answer;
  }

  open(uri, text) {
    this.#text.set(uri, { version: 1, lines: text.split('\n') });
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  }

  /** Replaces a part of one line, as typing does, and sends only that. */
  edit(uri, line, from, to, newText) {
    const known = this.#text.get(uri);
    known.version++;
    const old = known.lines[line];
    known.lines[line] = old.slice(0, from) + newText + old.slice(to);
    const range = { start: { line, character: from }, end: { line, character: to } };
    this.notify('textDocument/didChange', {
      textDocument: { uri, version: known.version },
      contentChanges: [{ range, text: newText }],
    });
  }

  line(uri, number) {
    return this.#text.get(uri).lines[number];
  }

  /** Ends the server; gives the most memory it held, in bytes, or undefined when it cannot be told. */
  async stop() {
    const timer = setTimeout(() => this.#child.kill(), 10_000);
    await this.request('shutdown', null);
    this.notify('exit', null);
    await this.ended;
    clearTimeout(timer);
    return this.#peak === '' ? undefined : Number(this.#peak);
  }

  kill() {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#child.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #receive(chunk) {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#rest.toString('latin1', 0, head))[1]);
      if (this.#rest.length < head + 4 + length) return;
      const body = this.#rest.toString('utf8', head + 4, head + 4 + length);
      this.#rest = this.#rest.subarray(head + 4 + length);
      this.#dispatch(JSON.parse(body));
    }
  }

  #dispatch(message) {
    if (message.method === undefined) {
      const { resolve, reject, method } = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error === undefined) resolve(message.result);
      else reject(new Error(`${method}: ${message.error.message}`));
      return;
    }
    if (message.id !== undefined) {
      const items = message.params?.items;
      this.#send({ id: message.id, result: Array.isArray(items) ? items.map(() => null) : null });
      return;
    }
    const index = this.#waiting.findIndex(({ method, accept }) => method === message.method && accept(message.params));
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(message.params);
  }
}

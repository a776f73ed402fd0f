import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { type Connection, createConnection } from './connection.js';
import { processTransport, socketTransport, streamTransport } from './rpc/node.js';
import type { Transport } from './rpc/transport.js';

/** The command line names a transport that cannot be. The message says which and why. */
export class UnusableTransport extends Error {}

/** How often it is looked whether the client's process is still there, in milliseconds. */
const watchEvery = 3000;

/**
 * The connection that the command line asks for: `--stdio`, `--node-ipc`, `--socket=PORT` or `--pipe=NAME`, or standard
 * input and output where it names none. `--clientProcessId=ID` is the process whose end also ends the server, in place
 * of the one that `initialize` names. Throws `UnusableTransport`.
 */
export function nodeConnection(args: readonly string[]): Connection {
  const [transport, kind] = transportOf(args);
  const clientId = Number.parseInt(optionOf(args, '--clientProcessId') ?? '', 10);
  const connection = createConnection(transport, {
    exit: (code) => process.exit(code),
    watch: (id, gone) => {
      if (Number.isNaN(clientId)) watchProcess(id, gone);
    },
    report: (message) => void process.stderr.write(`netpol-language-server: ${message}\n`),
  });
  if (!Number.isNaN(clientId)) watchProcess(clientId, connection.ended);
  if (kind === 'stdio') {
    // What a library prints would stand between the messages.
    globalThis.console = new Console({
      stdout: logStream((text) => connection.log('log', text)),
      stderr: logStream((text) => connection.log('error', text)),
    });
  }
  return connection;
}

function transportOf(args: readonly string[]): readonly [Transport, 'stdio' | 'ipc' | 'socket'] {
  if (args.includes('--node-ipc')) {
    if (process.send === undefined)
      throw new UnusableTransport('--node-ipc needs a parent process that has opened a channel, as fork() does.');
    return [processTransport(), 'ipc'];
  }
  const port = optionOf(args, '--socket');
  if (port !== undefined) {
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
      throw new UnusableTransport(`--socket needs a port from 1 to 65535 on which the client listens, not "${port}".`);
    return [socketTransport({ port: Number(port) }), 'socket'];
  }
  const pipe = optionOf(args, '--pipe');
  if (pipe === '') throw new UnusableTransport('--pipe needs the name of the pipe on which the client listens.');
  if (pipe !== undefined) return [socketTransport({ path: pipe }), 'socket'];
  return [streamTransport(process.stdin, process.stdout), 'stdio'];
}

/** The value of `--name=VALUE` or `--name VALUE`; empty where it is missing, undefined where the name is. */
function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((each) => each === name || each.startsWith(`${name}=`));
  const found = args[at];
  if (found === undefined) return undefined;
  return found === name ? (args[at + 1] ?? '') : found.slice(name.length + 1);
}

/** A client that has crashed closes nothing in an orderly way, where others hold its end of the pipe as well. */
function watchProcess(id: number, gone: () => void): void {
  setInterval(() => {
    try {
      process.kill(id, 0);
    } catch (error) {
      // A process that belongs to somebody else may not be asked (EPERM), but it is there.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') gone();
    }
  }, watchEvery).unref();
}

function logStream(log: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      log(String(chunk).trimEnd());
      done();
    },
  });
}

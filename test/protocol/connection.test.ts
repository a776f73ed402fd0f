import assert from 'node:assert/strict';
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CancellationTokenSource,
  createClientPipeTransport,
  createClientSocketTransport,
  generateRandomPipeName,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageReader,
  type MessageWriter,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { apiPolicy, badEndPort, shop } from './manifests.js';
import { connectionOver, Inbox, poor, rich, ServerProcess } from './server-process.js';

const serverModule = fileURLToPath(import.meta.resolve('#server/node.js'));
const hover = { textDocument: { uri: 'file:///a.yaml' }, position: { line: 0, character: 0 } };
const notInitialized = { code: -32002 };
const invalidRequest = { code: -32600 };
const refusing = Object.entries({ 'textDocument/hover': hover, 'netpol/nonsense': {}, shutdown: undefined });

const initialize = { processId: process.pid, rootUri: null, capabilities: poor };

for (const [method, params] of refusing) {
  test(`before initialize ${method} is refused as such`, async (t) => {
    const server = await ServerProcess.spawned(t);
    await assert.rejects(server.connection.sendRequest(method, params), notInitialized);
    await server.initialize();
    await server.statuses.where(({ state }) => state === 'ready');
  });

  test(`after shutdown ${method} is refused as such, and exit is orderly`, async (t) => {
    const server = await ServerProcess.start(t);
    await server.connection.sendRequest('shutdown');
    await assert.rejects(server.connection.sendRequest(method, params), invalidRequest);
    await server.connection.sendNotification('exit');
    assert.equal(await server.exited, 0);
  });
}

test('before initialize notifications are dropped', async (t) => {
  const server = await ServerProcess.spawned(t);
  await server.connection.sendNotification('initialized', {});
  await server.open('file:///a.yaml', badEndPort);
  await server.initialize();
  await server.statuses.where(({ state }) => state === 'ready');
  assert.deepEqual(await server.codes('file:///a.yaml'), []);
  assert.deepEqual(server.logged.all, []);
});

test('before initialize exit ends the process, with 1', async (t) => {
  const server = await ServerProcess.spawned(t);
  await server.connection.sendNotification('exit');
  assert.equal(await server.exited, 1);
});

test('a second initialize is refused, and the first one stands', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  await assert.rejects(server.connection.sendRequest('initialize', initialize), invalidRequest);
  await server.open(server.uri('policies/api.yaml'), badEndPort);
  assert.ok((await server.codes(server.uri('policies/api.yaml'))).includes('invalid-end-port'));
});

test('after shutdown notifications are dropped', async (t) => {
  const server = await ServerProcess.start(t, { capabilities: poor });
  await server.open('file:///a.yaml', apiPolicy);
  await server.published.where(({ uri }) => uri === 'file:///a.yaml');
  await server.connection.sendRequest('shutdown');
  const before = server.published.all.length;
  await server.close('file:///a.yaml');
  await assert.rejects(server.connection.sendRequest('textDocument/hover', hover), invalidRequest);
  assert.equal(server.published.all.length, before);
});

test('a closed standard input ends the process: with 0 after shutdown, with 1 without', async (t) => {
  const orderly = await ServerProcess.start(t);
  await orderly.connection.sendRequest('shutdown');
  orderly.process.stdin?.end();
  assert.equal(await orderly.exited, 0);
  const cut = await ServerProcess.start(t);
  cut.process.stdin?.end();
  assert.equal(await cut.exited, 1);
});

test('a method that is not known is refused as such', async (t) => {
  const server = await ServerProcess.start(t);
  await assert.rejects(server.connection.sendRequest('netpol/nonsense', {}), { code: -32601 });
});

test('a handler that throws costs its answer only, and the client is told why', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  await assert.rejects(server.connection.sendRequest('textDocument/hover', {}), {
    code: -32603,
    message: /textDocument\/hover.*undefined/,
  });
  await server.connection.sendNotification('textDocument/didOpen', {});
  await server.logged.where(({ type, message }) => type === 1 && /textDocument\/didOpen.*undefined/.test(message));
  await server.open(server.uri('policies/api.yaml'), badEndPort);
  assert.ok((await server.codes(server.uri('policies/api.yaml'))).includes('invalid-end-port'));
});

test('a message that is none is reported, and the next one is answered', async (t) => {
  const child = launch(t, ['--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = textOf(child);
  const { connection, cut } = overStdio(child);
  child.stdin?.write('Content-Length: 3\r\n\r\n{{{');
  await connection.sendRequest('initialize', initialize);
  cut();
  assert.match(await errors, /netpol-language-server: .*JSON/);
});

test('a client that refuses what it is asked is outlived', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  server.connection.onRequest('workspace/diagnostic/refresh', () => {
    throw new Error('not now');
  });
  server.connection.onRequest('workspace/configuration', () => {
    throw new Error('not you');
  });
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await server.logged.where(({ message }) => /refused workspace\/configuration.*not you/.test(message));
  await server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
  await server.logged.where(({ message }) => /refresh.*not now/.test(message));
  assert.deepEqual(await server.codes(server.uri('policies/api.yaml')), []);
});

test('a request that is cancelled while it waits is answered as cancelled', async (t) => {
  const server = await ServerProcess.spawned(t, { files: shop });
  let answerFolders = (_: null) => {};
  const asked = new Promise<void>((resolve) => {
    server.connection.onRequest('workspace/workspaceFolders', () => {
      resolve();
      return new Promise<null>((answer) => {
        answerFolders = answer;
      });
    });
  });
  await server.initialize();
  // Diagnostics wait until the workspace has been read, and this waits for its folders.
  await asked;
  const source = new CancellationTokenSource();
  const params = { textDocument: { uri: server.uri('policies/api.yaml') } };
  const pulled = assert.rejects(server.connection.sendRequest('textDocument/diagnostic', params, source.token), {
    code: -32800,
  });
  source.cancel();
  // An answer to a later message: the one that cancels has been read.
  await server.hover(server.uri('policies/api.yaml'), apiPolicy, 'spec');
  answerFolders(null);
  await pulled;
});

test('tracing may be asked for', async (t) => {
  const server = await ServerProcess.start(t);
  await server.connection.sendNotification('$/setTrace', { value: 'verbose' });
  assert.deepEqual(await server.pull('file:///a.yaml'), []);
  assert.deepEqual(server.logged.all, []);
});

test('what a library prints goes into the log, not between the messages', async (t) => {
  // It prints for each message that is read: it stands for a library that prints.
  const noisy = `const parse = JSON.parse;
    JSON.parse = (text, ...rest) => {
      if (text.includes('"jsonrpc"')) console.log('noise', { a: 1 });
      return parse(text, ...rest);
    };`;
  const child = launch(t, ['--stdio'], {}, [`--import=data:text/javascript,${encodeURIComponent(noisy)}`]);
  const { connection } = overStdio(child);
  const logged = new Inbox<{ type: number; message: string }>('log message');
  connection.onNotification('window/logMessage', (params) => logged.add(params));
  await connection.sendRequest('initialize', initialize);
  await logged.where(({ type, message }) => type === 4 && message === 'noise { a: 1 }');
});

test('the process of the client is watched: the server ends with it', async (t) => {
  const processId = await endedProcess();
  const named = launch(t, ['--stdio']);
  await overStdio(named).connection.sendRequest('initialize', { ...initialize, processId });
  const argued = [[`--clientProcessId=${processId}`], ['--clientProcessId', String(processId)]].map((args) => {
    const child = launch(t, ['--stdio', ...args]);
    overStdio(child);
    return child;
  });
  for (const child of [named, ...argued]) assert.equal(await ended(child), 1);
});

test('after shutdown a client that has ended leaves 0', async (t) => {
  const processId = await endedProcess();
  const child = launch(t, ['--stdio']);
  const { connection } = overStdio(child);
  await connection.sendRequest('initialize', { ...initialize, processId });
  await connection.sendRequest('shutdown');
  assert.equal(await ended(child), 0);
});

/** Each way to reach a server, and what cuts the client off. */
type Reach = (t: TestContext) => Promise<{
  readonly child: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly cut: () => void;
}>;

const transports: Readonly<Record<string, Reach>> = {
  'no argument, which is --stdio': async (t) => {
    const child = launch(t, []);
    return { child, ...overStdio(child) };
  },
  '--node-ipc': async (t) => {
    const child = launch(t, ['--node-ipc'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const connection = listening(new IPCMessageReader(child), new IPCMessageWriter(child));
    return { child, connection, cut: () => child.disconnect() };
  },
  '--socket=PORT': async (t) => {
    const transport = await createClientSocketTransport(0);
    return overSocket(launch(t, [`--socket=${transport.port()}`]), await transport.onConnected());
  },
  '--socket PORT': async (t) => {
    const transport = await createClientSocketTransport(0);
    return overSocket(launch(t, ['--socket', String(transport.port())]), await transport.onConnected());
  },
  '--pipe=NAME': async (t) => {
    const name = generateRandomPipeName();
    const transport = await createClientPipeTransport(name);
    return overSocket(launch(t, [`--pipe=${name}`]), await transport.onConnected());
  },
};

for (const [name, reach] of Object.entries(transports)) {
  test(`${name}: a session from initialize to exit`, async (t) => {
    const { child, connection } = await reach(t);
    await connection.sendRequest('initialize', initialize);
    await connection.sendNotification('initialized', {});
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: 'file:///a.yaml', languageId: 'yaml', version: 1, text: badEndPort },
    });
    const { items }: { items: { code: string }[] } = await connection.sendRequest('textDocument/diagnostic', {
      textDocument: { uri: 'file:///a.yaml' },
    });
    assert.ok(items.some(({ code }) => code === 'invalid-end-port'));
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    assert.equal(await ended(child), 0);
  });

  test(`${name}: a client that is cut off ends the server, with 1`, async (t) => {
    const { child, connection, cut } = await reach(t);
    // The client lives on, so it is not its process that is missed.
    await connection.sendRequest('initialize', { ...initialize, capabilities: rich });
    cut();
    assert.equal(await ended(child), 1);
  });
}

for (const [args, says] of [
  [['--socket=abc'], /--socket needs a port from 1 to 65535.*"abc"/],
  [['--socket=70000'], /"70000"/],
  [['--socket'], /--socket needs a port/],
  [['--pipe='], /--pipe needs the name/],
  [['--node-ipc'], /--node-ipc needs a parent process/],
] as const) {
  test(`${args.join(' ')}: the server says what is wrong, and does not start`, async (t) => {
    const child = launch(t, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const errors = textOf(child);
    assert.equal(await ended(child), 2);
    assert.match(await errors, says);
  });
}

test('a socket on which nobody listens is said, and ends the server with 1', async (t) => {
  const child = launch(t, [`--socket=${await freePort()}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = textOf(child);
  assert.equal(await ended(child), 1);
  assert.match(await errors, /ECONNREFUSED/);
});

function launch(
  t: TestContext,
  args: readonly string[],
  options: SpawnOptions = {},
  nodeArgs: readonly string[] = [],
): ChildProcess {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [...nodeArgs, serverModule, ...args], { stdio: [...stdio], ...options });
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  t.after(async () => {
    clearTimeout(limit);
    child.kill('SIGKILL');
    await ended(child);
    child.stdin?.destroy();
    child.stdout?.destroy();
  });
  return child;
}

function overStdio({ stdin, stdout }: ChildProcess) {
  assert.ok(stdin !== null && stdout !== null);
  const connection = listening(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  // What a server that has died leaves unanswered would be waited for without end.
  stdout.on('close', () => connection.dispose());
  return { connection, cut: () => void stdin.end() };
}

function overSocket(child: ChildProcess, [reader, writer]: [MessageReader, MessageWriter]) {
  return { child, connection: listening(reader, writer), cut: () => writer.dispose() };
}

function listening(reader: MessageReader, writer: MessageWriter): ProtocolConnection {
  const connection = connectionOver(reader, writer);
  connection.listen();
  return connection;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/** The number of a process that has come to its end. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await ended(child);
  assert.ok(child.pid !== undefined);
  return child.pid;
}

async function textOf({ stderr }: ChildProcess): Promise<string> {
  assert.ok(stderr !== null);
  let text = '';
  for await (const chunk of stderr) text += String(chunk);
  return text;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

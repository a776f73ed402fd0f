// Stands in for `node:child_process` where the tests of the protocol start a server: it runs in this process, so that a
// mutant can be switched on in it. A server with an environment of its own is started as ever.

import { spawn as spawnProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { createConnection } from '../../server/out/connection.js';
import { clientFiles } from '../../server/out/host/client-files.js';
import { gitRevisions } from '../../server/out/host/git-revisions.js';
import { helm } from '../../server/out/host/helm.js';
import { nodeFiles } from '../../server/out/host/node-files.js';
import { streamTransport } from '../../server/out/rpc/node.js';
import { serve } from '../../server/out/server.js';

export function spawn(command, args, options) {
  const own = Object.entries(options.env ?? {}).some(([name, value]) => process.env[name] !== value);
  if (own || args[1] !== '--stdio') return spawnProcess(command, args, options);
  const child = new EventEmitter();
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let running = true;
  const end = (code) => {
    if (!running) return;
    running = false;
    stdout.end();
    setImmediate(() => {
      child.emit('exit', code);
      child.emit('close', code);
    });
  };
  const connection = createConnection(streamTransport(stdin, stdout), { exit: end, watch() {}, report() {} });
  serve(connection, {
    files: (client, wish) => (wish === 'client' ? clientFiles(client) : nodeFiles()),
    renderer: helm,
    revisions: gitRevisions,
  });
  return Object.assign(child, { pid: process.pid, stdin, stdout, kill: () => end(null) });
}

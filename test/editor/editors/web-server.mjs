// Started by web.mjs as a process of its own: @vscode/test-web's server on a free port, which it prints.
import { once } from 'node:events';
import { createRequire } from 'node:module';

const { runServer } = createRequire(import.meta.url)('@vscode/test-web/out/server/main.js');
const server = await runServer('127.0.0.1', 0, JSON.parse(process.argv[2] ?? '{}'));
if (!server.listening) await once(server, 'listening');
console.log(`listening on port ${server.address().port}`);

import { writeFile } from 'node:fs/promises';
import { decoded } from '../host/encoding.js';
import { pathOf } from '../host/node-files.js';
import { version } from '../version.js';
import { progressOn } from './progress.js';
import { run } from './run.js';
import { styleFor } from './style.js';

async function stdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return decoded(Buffer.concat(chunks));
}

// A closed pipe (`netpol check | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(
  process.argv.slice(2),
  {
    cwd: process.cwd(),
    style: styleFor(process.stdout, process.env),
    width: Math.min(process.stdout.columns ?? 100, 120),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    stdin,
    write: (uri, content) => writeFile(pathOf(uri), content),
    progress: progressOn(process.stderr),
  },
  version,
);

// The command line over a folder, from an empty process to its end.

import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const peak = fileURLToPath(new URL('peak.cjs', import.meta.url));

/** Milliseconds, the most memory that it held in bytes, and what `netpol check --format json` answered. */
export async function coldCheck(cli, folder) {
  const started = performance.now();
  const child = spawn(process.execPath, ['--require', peak, cli, 'check', '--format', 'json', folder], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const out = [];
  let memory = '';
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stdio[3].on('data', (chunk) => {
    memory += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  const time = performance.now() - started;
  if (status > 1) throw new Error(`netpol check ended with ${status}`);
  return { time, memory: Number(memory), answer: JSON.parse(Buffer.concat(out).toString('utf8')) };
}

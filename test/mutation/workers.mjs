// Starts workers, and ends those that hang.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** A worker that has begun; `active` is a mutant that is on from its start. */
export async function startWorker(root, settings) {
  const child = fork(script, [], {
    cwd: root,
    stdio: ['ignore', 'ignore', process.env.NETPOL_MUTATION_LOG === undefined ? 'ignore' : 'inherit', 'ipc'],
    // A long list of tests keeps what it has read.
    execArgv: ['--max-old-space-size=3000'],
    env: { ...process.env, NETPOL_SEED: '20261121' },
  });
  let heard = () => {};
  child.on('message', (message) => heard(message));
  child.on('exit', () => heard({ ended: true }));
  child.on('error', () => heard({ ended: true }));

  /**
   * Sends a message and waits for the answer. A worker that says nothing for the time is ended: the answer is
   * `{ late: true }`, with the number of the test that it had begun. Of one that ended by itself, `{ ended: true }`.
   */
  const ask = (message, patience) =>
    new Promise((resolve) => {
      let begun = 0;
      const late = () => {
        heard = () => {};
        child.kill('SIGKILL');
        resolve({ late: true, begun });
      };
      let timer = setTimeout(late, typeof patience === 'function' ? 60_000 : patience);
      heard = (answer) => {
        clearTimeout(timer);
        if (answer.begun === undefined) return resolve({ ...answer, begun });
        begun = answer.begun;
        timer = setTimeout(late, answer.reading ? 60_000 : patience(begun));
      };
      child.send(message);
    });

  const ready = await ask(settings, 60_000);
  if (ready.ready !== true) throw new Error('a worker could not begin; NETPOL_MUTATION_LOG=1 shows why');
  return { ask, end: () => child.kill('SIGKILL') };
}

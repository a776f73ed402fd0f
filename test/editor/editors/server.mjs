// A server in a process of its own: started on a free port, ended with its children.
import { spawn } from 'node:child_process';

/**
 * Resolves when the server prints a line that `ready` matches; the expression's first group is the port.
 * @param {{ command: string, args: string[], cwd?: string, env?: Record<string, string>, ready: RegExp, limit?: number }} options
 */
export function startServer({ command, args, cwd, env, ready, limit = 60_000 }) {
  // A group of its own, so that the extension hosts it starts end with it.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  let stopped = false;
  const died = new Promise((_, reject) => {
    child.on('error', (error) => reject(new Error(`${command} could not start: ${error.message}`)));
    child.on('exit', (code, signal) => {
      if (!stopped) reject(new Error(`the server ended by itself (${signal ?? `exit code ${code}`}):\n${tail(log)}`));
    });
  });
  // Whoever waits for it gets the error; nobody waiting must not end the process.
  died.catch(() => {});

  const stop = async () => {
    if (stopped) return;
    stopped = true;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      return;
    }
    await ended;
  };

  const port = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no server after ${limit} ms:\n${tail(log)}`)), limit);
    const read = (chunk) => {
      log = (log + chunk).slice(-50_000);
      const found = ready.exec(log);
      if (!found) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    died.catch((error) => {
      clearTimeout(timer);
      reject(error);
    });
  });

  return port.then(
    (number) => ({ port: number, died, stop, log: () => tail(log) }),
    async (error) => {
      await stop();
      throw error;
    },
  );
}

function tail(text) {
  return text.trimEnd().split('\n').slice(-30).join('\n');
}

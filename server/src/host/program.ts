import { spawn } from 'node:child_process';

export interface Limits {
  readonly seconds: number;
  /** Of its standard output, in bytes. */
  readonly size: number;
  /** What its environment has besides this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** An existing folder. On Windows programs are looked up there first, so that it must be none that others write to. */
  readonly cwd: string;
}

export type Ended =
  | { readonly how: 'ended'; readonly code: number | null; readonly text: string; readonly said: string }
  | { readonly how: 'absent' | 'too slow' | 'too large' }
  | { readonly how: 'not started'; readonly reason: string };

/** Runs a program without a shell and without input, so that it asks nobody; ends it when it is over a limit. */
export function run(program: string, args: readonly string[], { seconds, size, env, cwd }: Limits): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const out: Buffer[] = [];
    let length = 0;
    let said = '';
    const stop = (how: 'too slow' | 'too large') => {
      child.kill('SIGKILL');
      // What it started may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      end({ how });
    };
    const late = setTimeout(() => stop('too slow'), seconds * 1000);
    const end = (ended: Ended) => {
      clearTimeout(late);
      resolve(ended);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > size) stop('too large');
      else out.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-maxSaid);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? { how: 'absent' } : { how: 'not started', reason: error.message }),
    );
    child.on('close', (code) => end({ how: 'ended', code, text: Buffer.concat(out).toString('utf8'), said }));
  });
}

/** A program's log comes first, and what matters last. */
const maxSaid = 64 * 1024;

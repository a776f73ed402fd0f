import { spawn } from 'node:child_process';

export interface Limits {
  readonly seconds: number;
  /** Of its standard output, in bytes. */
  readonly size: number;
  /** What its environment has besides this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** An existing folder. On Windows programs are looked up there first, so that it must be none that others write to. */
  readonly cwd: string;
  /** What it is given on its standard input; nothing where it is missing. */
  readonly input?: string;
}

export type Ended =
  | {
      readonly how: 'ended';
      readonly code: number | null;
      readonly text: string;
      readonly said: string;
      /** What `text` is read from. */
      readonly bytes: Buffer;
    }
  | { readonly how: 'absent' | 'too slow' | 'too large' }
  | { readonly how: 'not started'; readonly reason: string };

/** Runs a program without a shell and without a terminal, so that it asks nobody; ends it when it is over a limit. */
export function run(
  program: string,
  args: readonly string[],
  { seconds, size, env, cwd, input }: Limits,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // It may end without reading everything; its exit status says so.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
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
    child.on('close', (code) => {
      const bytes = Buffer.concat(out);
      // Of hundreds of megabytes the one or the other is wanted, not both.
      end({
        how: 'ended',
        code,
        bytes,
        get text() {
          return bytes.toString('utf8');
        },
        said,
      });
    });
  });
}

/** A program's log comes first, and what matters last. */
const maxSaid = 64 * 1024;

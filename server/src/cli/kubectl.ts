import { spawn } from 'node:child_process';
import { CannotRun } from './input.js';

/** Which cluster is asked, and how. */
export interface KubectlOptions {
  /** The program: a path, or a name that is looked up on PATH. */
  readonly program: string;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
  /** The limit of each call. */
  readonly seconds: number;
  readonly cwd: string;
}

/** Only what reads. */
type Verb = 'api-resources' | 'config' | 'get';

export interface KubectlAnswer {
  /** Standard output; it may hold a part where `failure` is there. */
  readonly text: string;
  readonly failure: KubectlFailure | undefined;
}

export interface KubectlFailure {
  readonly kind: 'absent' | 'forbidden' | 'not logged in' | 'not reached' | 'too slow' | 'other';
  /** What kubectl said, in one line. */
  readonly line: string;
}

/** Runs kubectl without a shell and without input, so that it asks nobody; ends it when its time is over. */
export function kubectl(options: KubectlOptions, verb: Verb, ...args: readonly string[]): Promise<KubectlAnswer> {
  const { program, context, kubeconfig, seconds, cwd } = options;
  // A value joined to its option is never taken for an option itself.
  const everywhere = [
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    `--request-timeout=${Math.ceil(seconds)}s`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb, ...args, ...everywhere], {
      cwd,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let said = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      // What it started may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ text: '', failure: { kind: 'too slow', line: `no answer within ${seconds} s` } });
    }, seconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      const missing = error.code === 'ENOENT';
      reject(
        new CannotRun(
          missing
            ? `the cluster is read with the program ${program}, which is not there; install it, or name it with --kubectl PATH`
            : `${program} could not be started: ${error.message}`,
        ),
      );
    });
    child.on('close', (code) => {
      clearTimeout(late);
      resolve({ text: Buffer.concat(out).toString('utf8'), failure: code === 0 ? undefined : failureOf(said) });
    });
  });
}

/** kubectl tells its failures apart in words alone: its exit status is 1 for each of them. */
const kinds: readonly [KubectlFailure['kind'], RegExp][] = [
  ['forbidden', /forbidden/i],
  ['absent', /doesn't have a resource type|could not find the requested resource|\(NotFound\)/],
  ['not logged in', /unauthorized|must be logged in|provide credentials|getting credentials/i],
  ['too slow', /request canceled|deadline exceeded|Client\.Timeout|timed out waiting/i],
  ['not reached', /unable to connect|connection refused|was refused|no such host|i\/o timeout|no route to host/i],
];

function failureOf(said: string): KubectlFailure {
  // Its log comes first, what matters last.
  const line = said.trim().split('\n').at(-1)?.trim() ?? '';
  const words = line.replace(/^error: |^Error from server(?: \(\w+\))?: /i, '');
  return {
    kind: kinds.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other',
    line: words === '' ? 'it failed without a word' : words,
  };
}

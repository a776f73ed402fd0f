import { run } from '../host/program.js';
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

/** Runs kubectl, which is asked for nothing but to read. */
export async function kubectl(options: KubectlOptions, verb: Verb, ...args: readonly string[]): Promise<KubectlAnswer> {
  const { program, context, kubeconfig, seconds, cwd } = options;
  // A value joined to its option is never taken for an option itself.
  const everywhere = [
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    `--request-timeout=${Math.ceil(seconds)}s`,
  ];
  const limits = { seconds, size: Number.POSITIVE_INFINITY, env: { LC_ALL: 'C' }, cwd };
  const ended = await run(program, [verb, ...args, ...everywhere], limits);
  switch (ended.how) {
    case 'ended':
      return { text: ended.text, failure: ended.code === 0 ? undefined : failureOf(ended.said) };
    // Without a limit of the size there is but one that it can be over.
    case 'too slow':
    case 'too large':
      return { text: '', failure: { kind: 'too slow', line: `no answer within ${seconds} s` } };
    case 'absent':
      throw new CannotRun(
        `the cluster is read with the program ${program}, which is not there; install it, or name it with --kubectl PATH`,
      );
    case 'not started':
      throw new CannotRun(`${program} could not be started: ${ended.reason}`);
  }
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

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CannotRun, type Input, readInput } from './input.js';
import type { Progress } from './progress.js';
import type { Style } from './style.js';

/** What a command may touch, so that tests can stand in for the terminal. */
export interface Io {
  readonly cwd: string;
  readonly style: Style;
  /** Columns of the terminal; 100 in a pipe. */
  readonly width: number;
  out(text: string): void;
  err(text: string): void;
  stdin(): Promise<string>;
  write(uri: string, content: string | Uint8Array): Promise<void>;
  /** The helm that renders charts; none is run where it is missing. */
  readonly helm?: string;
  /** How far long work is; nobody watches when it is missing. */
  readonly progress?: Progress;
}

export type Command = (args: readonly string[], io: Io) => Promise<number>;

/** Asked for by --help: the usage goes to standard output, exit status 0. */
export class Help extends Error {}

/** Reads options strictly; what is wrong with them becomes one clear line. */
export function parse(
  args: readonly string[],
  usage: string,
  options: NonNullable<ParseArgsConfig['options']>,
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h', default: false } },
      allowPositionals: true,
      strict: true,
    });
    if (parsed.values.help === true) throw new Help(usage);
    return parsed;
  } catch (error) {
    if (error instanceof Help) throw error;
    throw new CannotRun(error instanceof Error ? inOneLine(error.message) : String(error));
  }
}

/** The words of Node's parser, without its advice. */
function inOneLine(text: string): string {
  const [, option] = /^Option '(.+)' argument is ambiguous/.exec(text) ?? [];
  if (option === undefined) return text.split(/\. |\.?\n/)[0] ?? text;
  return `${option} has no value: what follows it begins with a dash; such a value is written --OPTION=VALUE`;
}

export function readWith(io: Io, paths: readonly string[]): Promise<Input> {
  const { cwd, progress, helm } = io;
  const err = (text: string) => io.err(text);
  return readInput(paths, { cwd, stdin: () => io.stdin(), err, ...(progress && { progress }), ...(helm && { helm }) });
}

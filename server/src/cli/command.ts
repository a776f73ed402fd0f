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
  write(uri: string, text: string): Promise<void>;
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
    throw new CannotRun(error instanceof Error ? firstSentence(error.message) : String(error));
  }
}

function firstSentence(text: string): string {
  return text.split('. ')[0] ?? text;
}

export function readWith(io: Io, paths: readonly string[]): Promise<Input> {
  return readInput(paths, { cwd: io.cwd, stdin: () => io.stdin(), ...(io.progress && { progress: io.progress }) });
}

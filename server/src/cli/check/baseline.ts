import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { repositoryOf, revisionFiles, treeOf } from '../../host/git.js';
import { reasonOf } from '../../host/node-files.js';
import type { FileFinding } from '../../rules/run.js';
import { Netpol } from '../../service.js';
import type { Io } from '../command.js';
import { CannotRun, type Input } from '../input.js';
import { type Identity, identityOf } from './identity.js';

/**
 * The findings that are accepted: those of a file that `--write-baseline` wrote, or those that a git revision has. A path
 * comes before a revision of the same name.
 */
export async function readBaseline(word: string, input: Input, io: Io): Promise<readonly Identity[]> {
  const path = resolve(io.cwd, word);
  if ((await stat(path).catch(() => undefined)) !== undefined) return readFileOf(path, word);
  const repository = await repositoryOf(io.cwd);
  const tree = repository && (await treeOf(repository, word));
  if (repository === undefined || tree === undefined) {
    throw new CannotRun(
      `${word}: there is no such file, and no such git revision; \`netpol check --write-baseline ${word}\` writes the file`,
    );
  }
  const { workspace, settings } = input.netpol;
  const before = await Netpol.open(revisionFiles(repository, tree), workspace.folders, settings);
  const then: Input = { ...input, netpol: before };
  return [...before.workspace.files.keys()].flatMap((uri) =>
    before.findings(uri).map((finding) => identityOf(then, finding)),
  );
}

async function readFileOf(path: string, word: string): Promise<readonly Identity[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CannotRun(`${word}: ${reasonOf(error)}`);
  });
  let data: { version?: unknown; findings?: unknown } | null = null;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new CannotRun(`${word} is no baseline: ${error instanceof Error ? error.message : String(error)}`);
  }
  const findings = data?.findings;
  if (data?.version !== 1 || !Array.isArray(findings) || !findings.every(isIdentity)) {
    throw new CannotRun(`${word} is no baseline of this version of netpol; --write-baseline ${word} writes it anew`);
  }
  return findings;
}

function isIdentity(value: unknown): value is Identity {
  const { rule, file, object, message } = (value ?? {}) as Partial<Record<keyof Identity, unknown>>;
  return [rule, file, object, message].every((each) => typeof each === 'string');
}

/** Writes all findings down as accepted, one to a line, in an order that gives small differences. */
export async function writeBaseline(path: string, findings: readonly FileFinding[], input: Input, io: Io) {
  const lines = findings
    .filter(({ severity }) => severity !== 'hint')
    .map((finding) => identityOf(input, finding))
    .map(({ rule, file, object, message }) => JSON.stringify({ file, object, rule, message }))
    .sort();
  const list = lines.length === 0 ? '[]' : `[\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]`;
  try {
    await writeFile(resolve(io.cwd, path), `{\n  "version": 1,\n  "findings": ${list}\n}\n`);
  } catch (error) {
    throw new CannotRun(`${path} could not be written: ${reasonOf(error)}`);
  }
  return lines.length;
}

/**
 * The findings that a baseline does not have, and how many of the baseline are gone. Where messages differ (a number in
 * them has changed), a finding is known by its rule and the object it is in, as often as the baseline has it.
 */
export function compare(findings: readonly FileFinding[], known: readonly Identity[], input: Input) {
  const exact = countsOf(known, exactly);
  const alike = countsOf(known, roughly);
  const identities = findings.map((finding) => ({ finding, identity: identityOf(input, finding) }));
  const unmatched = identities.filter(({ identity }) => {
    if (!take(exact, exactly(identity))) return true;
    take(alike, roughly(identity));
    return false;
  });
  const fresh = new Set(
    unmatched.filter(({ identity }) => !take(alike, roughly(identity))).map(({ finding }) => finding),
  );
  const gone = [...alike.values()].reduce((sum, n) => sum + n, 0);
  return { fresh: findings.filter((finding) => fresh.has(finding)), gone };
}

function exactly({ rule, file, object, message }: Identity): string {
  return JSON.stringify([rule, file, object, message]);
}

function roughly({ rule, file, object }: Identity): string {
  return JSON.stringify([rule, file, object]);
}

function countsOf(list: readonly Identity[], key: (identity: Identity) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of list) counts.set(key(each), (counts.get(key(each)) ?? 0) + 1);
  return counts;
}

/** Takes one of a kind away; false where there is none left. */
function take(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  if (left > 0) counts.set(key, left - 1);
  return left > 0;
}

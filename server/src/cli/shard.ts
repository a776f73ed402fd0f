import type { Workspace } from '../workspace/workspace.js';
import { CannotRun } from './input.js';
import type { Listing } from './listing.js';

/** One of several jobs that share the work: from 1 to `of`. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

export function shardOf(text: string): Shard {
  const [, number, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  if (!(shard.number >= 1 && shard.number <= shard.of))
    throw new CannotRun(`--shard ${text}: use i/n, such as 1/4 for the first of four jobs`);
  return shard;
}

/**
 * The files of one job. Files that are applied together stay together, as far as the shares can be even: a scope that is
 * larger than a share is cut by file, since rules ask the whole scope about each file in any case.
 */
export function filesOf(shard: Shard, uris: readonly string[], { index }: Workspace): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const uri of uris) {
    const key = index.scopesOf(uri)[0]?.id ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [uri]);
    else group.push(uri);
  }
  const share = Math.max(1, Math.ceil(uris.length / shard.of));
  const pieces = [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / share) }, (_, i) => group.slice(i * share, (i + 1) * share)),
  );
  const own = dealt(shard, pieces, {
    size: ({ length }) => length,
    name: ([first]) => first ?? '',
  });
  return own.flat().sort();
}

/** The clusters of one job: each is whole, since what may connect is a question about all of it. */
export function clustersOf(shard: Shard, listings: readonly Listing[]): readonly Listing[] {
  const own = dealt(shard, listings, { size: ({ cluster }) => cluster.pods.length, name: ({ scope }) => scope.id });
  return listings.filter((listing) => own.includes(listing));
}

/**
 * Deals pieces out, the largest first, each to the job that has least. Every job that reads the same files deals the same,
 * whatever the order it reads them in.
 */
function dealt<T>(
  { number, of }: Shard,
  pieces: readonly T[],
  { size, name }: { readonly size: (piece: T) => number; readonly name: (piece: T) => string },
): readonly T[] {
  const jobs = Array.from({ length: of }, () => ({ load: 0, pieces: [] as T[] }));
  for (const piece of [...pieces].sort((a, b) => size(b) - size(a) || (name(a) < name(b) ? -1 : 1))) {
    const least = jobs.reduce((best, job) => (job.load < best.load ? job : best));
    least.load += size(piece);
    least.pieces.push(piece);
  }
  return jobs[number - 1]?.pieces ?? [];
}

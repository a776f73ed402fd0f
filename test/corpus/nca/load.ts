import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type AppliedPolicy, type Cluster, clusterOf } from '#server/engine/cluster.js';
import { Netpol } from '#server/service.js';

/** A query of a scheme that netpol is asked, with what nca says of it. */
export interface Query {
  /** The scheme's path and the query's name. */
  readonly query: string;
  readonly scheme: string;
  readonly kind: Kind;
  /** Names of sets, or `SET/POLICY`, `SET/NAMESPACE/POLICY`, `SET/KIND/NAMESPACE/POLICY` for one policy of a set. */
  readonly configs: readonly string[];
  readonly expected: number;
  /** For a connectivity map: the file with the rules. */
  readonly output?: string;
}

export type Kind =
  | 'connectivityMap'
  | 'containment'
  | 'emptiness'
  | 'equivalence'
  | 'forbids'
  | 'interferes'
  | 'pairwiseInterferes'
  | 'permits'
  | 'redundancy'
  | 'sanity'
  | 'semanticDiff'
  | 'twoWayContainment'
  | 'vacuity';

export interface NotAsked {
  readonly query: string;
  readonly kind: string | null;
  readonly reason: string;
}

/** The files of a set, from `tests/` or, as `np-guard:PATH`, from the corpus beside. */
interface PolicySet {
  readonly topology: readonly string[];
  readonly policies: readonly string[];
}

interface Cases {
  readonly sets: Readonly<Record<string, Readonly<Record<string, PolicySet>>>>;
  readonly queries: readonly Query[];
}

const root = join(process.cwd(), 'test/corpus/nca');
const cases = readJson<Cases>('cases.json');

export const queries = cases.queries;
export const notAsked = readJson<readonly NotAsked[]>('not-asked.json');

/** What was read of a set: many queries ask about the same ones. */
const read = new WeakMap<PolicySet, Promise<Cluster>>();

/** One of the sets that a query names, as if it were applied to a cluster of its own; its files changed by `mend`. */
export async function clusterNamed(
  { scheme }: Query,
  config: string,
  mend?: (text: string) => string,
): Promise<Cluster> {
  const [name = '', ...policy] = config.split('/');
  const set = cases.sets[scheme]?.[name];
  if (set === undefined) throw new Error(`${scheme} has no set ${name}`);
  const known = mend === undefined ? read.get(set) : undefined;
  const reading = known ?? clusterOfSet(set, mend);
  if (mend === undefined) read.set(set, reading);
  const cluster = await reading;
  return policy.length === 0 ? cluster : withOnePolicy(cluster, policy);
}

export function outputOf(path: string): string {
  return readFileSync(join(root, 'tests', path), 'utf8');
}

async function clusterOfSet(
  { topology, policies }: PolicySet,
  mend: (text: string) => string = (text) => text,
): Promise<Cluster> {
  const files = [...new Set([...topology, ...policies])];
  const paths = new Map(files.map((file, index) => [`file:///w/${index}-${basename(file)}`, file]));
  const provider = {
    list: async () => [...paths.keys()],
    read: async (uri: string) => ({ text: mend(readFileSync(pathOf(paths.get(uri) ?? uri), 'utf8')) }),
  };
  const { workspace, settings } = await Netpol.open(provider, ['file:///w']);
  return clusterOf(workspace.index.scopes, { profile: settings.profile, unset: 'default' });
}

/** Whether a policy is none of the set, but stands for the profile that an endpoint lacks (topology/host-endpoints.yaml). */
export function isProfile({ placed }: AppliedPolicy): boolean {
  return placed.value.order.tierName === 'no-profile';
}

function withOnePolicy(cluster: Cluster, path: readonly string[]): Cluster {
  const [name, namespace, kind] = [...path].reverse();
  const policies = cluster.policies.filter(
    ({ placed: { value }, namespace: own }) =>
      value.name === name &&
      (namespace === undefined || own?.name === namespace) &&
      (kind === undefined || kind.endsWith(value.kind)),
  );
  if (policies.length !== 1) throw new Error(`there are ${policies.length} policies ${path.join('/')}`);
  return { ...cluster, policies: [...policies, ...cluster.policies.filter(isProfile)] };
}

function pathOf(file: string): string {
  return file.startsWith('np-guard:')
    ? join(root, '../np-guard/tests', file.slice('np-guard:'.length))
    : join(root, file.startsWith('topology/') ? '' : 'tests', file);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}

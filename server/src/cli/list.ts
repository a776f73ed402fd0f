import { resolve } from 'node:path';
import { URI } from 'vscode-uri';
import { podsName } from '../engine/connection-names.js';
import { reasonOf } from '../host/node-files.js';
import { nearestName } from '../kinds/nearest.js';
import { count, list as listed } from '../model/print.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun } from './input.js';
import { exposureList } from './list-exposure.js';
import { checkNames, focusOf } from './list-focus.js';
import { formats } from './list-formats.js';
import { notesOn } from './list-notes.js';
import { edgesOf, type Listing, listingsOf } from './listing.js';
import { silence } from './progress.js';
import { clustersOf, shardOf } from './shard.js';

export const listUsage = `netpol list [PATH...] [--format text|json|ndjson|csv|md|dot|mermaid|svg] [--focus [NS/]NAME[,...]]
            [--focus-peer [NS/]NAME[,...]] [--direction ingress|egress] [--port PORT [--protocol TCP|UDP|SCTP]]
            [--exposure] [--namespace NS] [--shard I/N] [--output FILE]

  Lists every connection that the policies allow, as SOURCE => DESTINATION : PORTS. Sources and destinations are workloads
  (namespace/name[Kind]), ranges of addresses outside of the cluster, and {ingress-controller}: what Ingresses and routes
  send to workloads that let in any pod. What is not listed is not allowed.
  PATH is a file, a folder or - for standard input; the current folder when none is given. A kustomization or chart is a
  cluster of its own.

  --format FORMAT           text, json (the contract of docs/json.md), ndjson (a connection in each line), csv,
                            md, dot, mermaid or svg
  --focus NAME              only connections of these workloads, or of ingress-controller
  --focus-peer NAME         and of those, only connections with these
  --direction DIRECTION     ingress: only what the workloads of --focus receive; egress: only what they send
  --port PORT               only pairs that may connect on this port, of TCP unless --protocol says otherwise
  --exposure                as well who else could reach the workloads, and whom they could reach: pods that are not in the
                            manifests, by the labels they would have
  --namespace NS            the namespace of objects that name none; default when it is left out
  --shard I/N               only the clusters of the Ith of N jobs; together the jobs list all
  --output FILE             write to a file instead of standard output

  Only TCP, UDP and SCTP are listed; IPv6 addresses only where some policy speaks of IPv6.

  Exit status: 0 also when nothing is allowed, 2 it could not run.

  Examples:
    netpol list examples/shop-fixed
    netpol list examples/shop-fixed --focus shop/api --direction ingress
    netpol list examples/shop-fixed --port 5432 --format csv
    netpol list examples/shop-fixed --format svg --output shop.svg`;

/** `netpol list`: exit status 0, also when nothing is allowed. */
export async function list(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, listUsage, {
    format: { type: 'string', default: 'text' },
    focus: { type: 'string', multiple: true, default: [] },
    'focus-peer': { type: 'string', multiple: true, default: [] },
    direction: { type: 'string' },
    port: { type: 'string' },
    protocol: { type: 'string' },
    exposure: { type: 'boolean', default: false },
    namespace: { type: 'string', default: 'default' },
    shard: { type: 'string' },
    output: { type: 'string' },
  });
  const name = String(values.format);
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format === undefined) throw new CannotRun(`--format ${name}: ${otherFormat(name)}`);
  const focus = focusOf({
    focus: values.focus as string[],
    peers: values['focus-peer'] as string[],
    direction: textOf(values.direction),
    port: textOf(values.port),
    protocol: textOf(values.protocol),
  });
  const withExposure = values.exposure === true;
  if (withExposure && focus.port !== undefined)
    throw new CannotRun('--exposure is about all ports; it cannot be used with --port');
  const output = textOf(values.output);
  const share = textOf(values.shard);
  const shard = share === undefined ? undefined : shardOf(share);
  const progress = io.progress ?? silence;
  const input = await readWith(io, positionals);
  const all = listingsOf(input, String(values.namespace));
  const listings = shard === undefined ? all : clustersOf(shard, all);
  checkNames(
    focus,
    all.flatMap(({ connections }) => connections.destinations),
  );

  let found = 0;
  const counted = function* (listing: Listing) {
    for (const edge of edgesOf(listing, focus, progress)) {
      found++;
      yield edge;
    }
  };
  const parts = format(
    listings.map((listing) => ({
      title: listings.length > 1 ? titleOf(listing) : undefined,
      edges: counted(listing),
      ends: focus.names.length > 0 || focus.port !== undefined ? [] : podsNames(listing),
      exposure: withExposure ? exposureList(listing, focus) : undefined,
    })),
    focus,
  );
  await writeOut(parts, output, io);

  for (const note of notesOn(input, listings)) io.err(`netpol: ${note}\n`);
  if (listings.length > 1 && !['text', 'txt', 'json', 'ndjson'].includes(name)) {
    io.err(
      `netpol: ${count(listings.length, 'cluster')} are shown as one (${listed(listings.map(titleOf), 4)}); name one PATH to see it alone\n`,
    );
  }
  if (listings.length === 0) io.err('netpol: there are no workloads here, so there is nothing to connect\n');
  else if (found === 0 && !withExposure) io.err('netpol: no connection is allowed\n');
  return 0;
}

function otherFormat(name: string): string {
  const names = Object.keys(formats).filter((each) => each !== 'txt');
  const meant = nearestName(name, names);
  return meant === undefined ? `use ${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : `did you mean "${meant}"?`;
}

function podsNames({ cluster }: Listing): readonly string[] {
  return [...new Set(cluster.pods.map(podsName))];
}

function titleOf({ scope: { title, kind } }: Listing): string {
  return `${title} (${kind})`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** To standard output as it is worked out, some of it at a time; to a file when all is there. */
async function writeOut(parts: Iterable<string>, output: string | undefined, io: Io): Promise<void> {
  let text = '';
  const say = () => {
    io.progress?.done();
    if (text !== '') io.out(text);
    text = '';
  };
  for (const part of parts) {
    text += part;
    if (output === undefined && text.length > 65536) say();
  }
  if (output === undefined) return say();
  io.progress?.done();
  try {
    await io.write(URI.file(resolve(io.cwd, output)).toString(), text);
  } catch (error) {
    throw new CannotRun(`${output} could not be written: ${reasonOf(error)}`);
  }
}

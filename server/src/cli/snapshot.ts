import { resolve } from 'node:path';
import { URI } from 'vscode-uri';
import { reasonOf } from '../host/node-files.js';
import { count, list } from '../model/print.js';
import { isObject } from '../text/json-data.js';
import { renderYaml } from '../text/render.js';
import { snapshotTitle } from '../workspace/snapshot-file.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';
import { type KubectlAnswer, type KubectlFailure, type KubectlOptions, kubectl } from './kubectl.js';
import { otherPolicies, type SnapshotKind, snapshotKinds } from './snapshot-kinds.js';
import { type ClusterObject, kindsOf, snapshotObjects } from './snapshot-objects.js';

export const snapshotUsage = `netpol snapshot [--context NAME] [--kubeconfig FILE] [--namespace NS ... | --all-namespaces]
                [--output FILE|-] [--kubectl PATH] [--timeout SECONDS]

  Reads a cluster's namespaces, nodes, pods, services, entry points and policies through your kubectl, and writes what
  netpol needs of them as one file of manifests. Every other command takes that file like any manifest.
  It only reads (kubectl get), never Secrets or ConfigMaps, and keeps no environment, commands, images or annotations
  but those that netpol understands. docs/live.md says what is in the file.

  --context NAME            a context of your kubeconfig; the current one when it is left out
  --kubeconfig FILE         another kubeconfig
  -n, --namespace NS        only this namespace (repeat it for several); cluster-wide objects are read as well
  --all-namespaces          every namespace, which is also the default
  --output FILE             where to write; - is standard output, the default
  --kubectl PATH            the program; kubectl from your PATH when it is left out
  --timeout SECONDS         the limit of each call of kubectl; 60 when it is left out

  Exit status: 0 everything was read, 1 the file is written but some kinds are missing (standard error and the file say
  which), 2 it could not run.

  Examples:
    netpol snapshot --output cluster.yaml
    netpol snapshot --context prod -n shop -n storefront
    netpol snapshot | netpol list -`;

/** How many calls run at a time. */
const together = 4;

/** `netpol snapshot`: exit status 0 whole, 1 with kinds missing. */
export async function snapshot(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, snapshotUsage, {
    context: { type: 'string' },
    kubeconfig: { type: 'string' },
    namespace: { type: 'string', short: 'n', multiple: true, default: [] },
    'all-namespaces': { type: 'boolean', default: false },
    output: { type: 'string', default: '-' },
    kubectl: { type: 'string', default: 'kubectl' },
    timeout: { type: 'string', default: '60' },
  });
  if (positionals.length > 0)
    throw new CannotRun(`snapshot reads a cluster, not files: "${positionals[0]}" is too much`);
  const namespaces = (values.namespace as string[]).map(namespaceNamed);
  if (namespaces.length > 0 && values['all-namespaces'] === true)
    throw new CannotRun('use --namespace or --all-namespaces, not both');
  const kubeconfig = noOption('--kubeconfig', values.kubeconfig);
  const options: KubectlOptions = {
    program: noOption('--kubectl', values.kubectl) ?? 'kubectl',
    context: noOption('--context', values.context),
    kubeconfig: kubeconfig === undefined ? undefined : resolve(io.cwd, kubeconfig),
    seconds: secondsOf(String(values.timeout)),
    cwd: io.cwd,
  };

  const available = await availableResources(options);
  const offered = (name: string | undefined) => name !== undefined && available.resources.has(name);
  const wanted = snapshotKinds.flatMap((kind) => {
    const resource = [kind.resource, kind.otherwise].find(offered);
    return resource === undefined ? [] : [{ ...kind, resource }];
  });
  const missing = [...available.missing];
  const found = new Map<SnapshotKind, readonly ClusterObject[]>();
  for (let i = 0; i < wanted.length; i += together) {
    io.progress?.say(`${i} of ${wanted.length} kinds read`);
    const some = wanted.slice(i, i + together);
    const answers = await Promise.all(some.map((kind) => objectsOf(options, kind, namespaces)));
    for (const [index, kind] of some.entries()) {
      found.set(kind, answers[index]?.objects ?? []);
      missing.push(...(answers[index]?.missing ?? []));
    }
  }
  io.progress?.done();
  const objects = snapshotObjects(found);
  if (objects.length === 0 && missing[0] !== undefined) throw new CannotRun(`nothing could be read: ${missing[0]}`);

  const others = [...available.resources].filter((resource) => otherPolicies.test(resource)).sort();
  const remarks = [
    ...missing.map((each) => `not read: ${each}`),
    ...(others.length === 0
      ? []
      : [`the cluster also has ${list(others)}, which netpol does not read: they count for nothing`]),
  ];
  const context = options.context === undefined ? await currentContext(options) : `context ${options.context}`;
  const header = [
    `${snapshotTitle} ${new Date().toISOString().replace(/\.\d+/, '')}, ${context}, ${namespaces.length === 0 ? 'all namespaces' : `namespace ${list(namespaces)}`}`,
    'What kubectl gave, cut down to what netpol reads. Made for netpol: do not apply it.',
    ...remarks,
  ];
  const text = header.map((line) => `# ${line}\n`).join('') + objects.map((each) => renderYaml(each)).join('---\n');
  await write(text, String(values.output), io);
  for (const remark of remarks) io.err(`netpol: ${remark}\n`);
  if (values.output !== '-') io.err(`netpol: ${String(values.output)} has ${summary(objects)}\n`);
  return missing.length === 0 ? 0 : 1;
}

/** The kinds that the cluster offers, by the names that `get` takes. */
async function availableResources(options: KubectlOptions) {
  const { text, failure } = await kubectl(options, 'api-resources', '--verbs=list', '--output=name');
  const resources = new Set(text.split('\n').map((line) => line.trim()));
  resources.delete('');
  if (resources.size === 0)
    throw new CannotRun(failure === undefined ? 'the cluster offers no kinds' : whyNot(failure));
  // One extension of the API that does not answer leaves the rest.
  return { resources, missing: failure === undefined ? [] : [`a part of the API (${failure.line})`] };
}

interface Objects {
  readonly objects: readonly ClusterObject[];
  /** What could not be read, a phrase each. */
  readonly missing: readonly string[];
}

async function objectsOf(
  options: KubectlOptions,
  { resource, namespaced }: SnapshotKind,
  namespaces: readonly string[],
): Promise<Objects> {
  if (namespaces.length === 0 || (!namespaced && resource !== 'namespaces')) {
    const everywhere = namespaced ? ['--all-namespaces'] : [];
    return read(await kubectl(options, 'get', resource, ...everywhere, '--output=json'), resource);
  }
  const parts: Objects[] = [];
  for (const namespace of namespaces) {
    const where = namespaced ? `--namespace=${namespace}` : namespace;
    const answer = await kubectl(options, 'get', resource, where, '--output=json');
    parts.push(read(answer, `${resource} ${namespaced ? 'of' : ''} ${namespace}`.replace('  ', ' ')));
  }
  return { objects: parts.flatMap(({ objects }) => objects), missing: parts.flatMap(({ missing }) => missing) };
}

function read({ text, failure }: KubectlAnswer, what: string): Objects {
  if (failure !== undefined) {
    // It was there a moment ago, or is a kind that nobody has ever made an object of.
    if (failure.kind === 'absent' && !what.startsWith('namespaces')) return { objects: [], missing: [] };
    return { objects: [], missing: [`${what} (${failure.kind === 'forbidden' ? 'forbidden' : failure.line})`] };
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { objects: [], missing: [`${what} (kubectl printed no JSON)`] };
  }
  const items = isObject(data) && Array.isArray(data.items) ? data.items : [data];
  return { objects: items.filter(isObject), missing: [] };
}

async function currentContext(options: KubectlOptions): Promise<string> {
  const { text, failure } = await kubectl(options, 'config', 'current-context');
  return failure === undefined && text.trim() !== '' ? `context ${oneLine(text)}` : 'no named context';
}

function whyNot({ kind, line }: KubectlFailure): string {
  if (kind === 'not logged in') return `kubectl is not logged in to the cluster: ${line}`;
  if (kind === 'too slow' || kind === 'not reached') return `the cluster does not answer: ${line}`;
  return `kubectl could not read the cluster: ${line}`;
}

function summary(objects: readonly ClusterObject[]): string {
  const counts = [...kindsOf(objects)].map(([kind, n]) => count(n, kind));
  return counts.length === 0 ? 'no objects' : list(counts);
}

async function write(text: string, output: string, io: Io): Promise<void> {
  if (output === '-') return io.out(text);
  try {
    await io.write(URI.file(resolve(io.cwd, output)).toString(), text);
  } catch (error) {
    throw new CannotRun(`${output} could not be written: ${reasonOf(error)}`);
  }
}

/** A value that no program may take for an option, and that stays on one line. */
function noOption(option: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '' || value.startsWith('-') || oneLine(value) !== value)
    throw new CannotRun(`${option} ${JSON.stringify(value)}: this cannot be a name`);
  return value;
}

function namespaceNamed(name: string): string {
  // Source: apimachinery, IsDNS1123Label.
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    throw new CannotRun(`--namespace ${JSON.stringify(name)}: no namespace has such a name`);
  return name;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) throw new CannotRun(`--timeout ${text}: use a number of seconds up to 3600`);
  return seconds;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

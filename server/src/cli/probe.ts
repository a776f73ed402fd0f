import { endWords } from '../engine/connection-words.js';
import type { Expectations, ExpectedPairs, Pair } from '../engine/expectations.js';
import { explain } from '../engine/explain.js';
import { targetsOf } from '../engine/senders.js';
import { expectationsOf, scopesTested } from '../engine/test-runs.js';
import { type Verdict, verdictOf } from '../features/explain/explain-view.js';
import { type Expectation, readPort } from '../model/expectation.js';
import { overlaps, ports as portsOf, printPorts } from '../model/ports.js';
import { count } from '../model/print.js';
import { readTests } from '../workspace/test-file.js';
import { type Io, parse } from './command.js';
import { CannotRun, type Input } from './input.js';
import { lookupCommand, type ProbedPort, probeCommand, type Way } from './probe-commands.js';
import { oneLine } from './shell.js';
import { readTested, testFilesOf } from './test-files.js';

export const probeUsage = `netpol probe [PATH...] [--from A --to B [--port PORT]] [--via exec|debug|run] [--pairs N]
             [--namespace NS] [--format sh|json]

  Prints the commands that try connections on a live cluster, each with what is expected of it. It runs none of them.
  Without --from and --to: those of every *.netpol-test.yaml file. PATH is as for netpol test.

  --from A, --to B          as for netpol explain, also with wildcards: NS/NAME, svc/NS/NAME, an address, internet
  --port PORT               a number or a name, with a protocol as 53/UDP; the ports that are declared when it is left out
  --via exec|debug|run      exec: in a container of the source, which needs nc (the default; an image that is known to
                            have no shell is debugged). debug: in a container that is added to its pod (kubectl debug).
                            run: in a new pod with the source's labels, so that policies select it
  --pairs N                 how many pairs of each test at most (default: 5)
  --namespace NS            the namespace of names and objects that name none (default: default)
  --format sh|json          a shell script, or the JSON contract of docs/json.md

  Exit status: 0 it printed commands, 2 it could not run.

  Examples:
    netpol probe examples/shop
    netpol probe examples/shop --from storefront/frontend --to svc/shop/api --via run`;

/** One command, with what has to come of it. */
interface Probe {
  readonly test: string | null;
  readonly from: string;
  readonly to: string;
  readonly port: string;
  /** What a test expects, or what the manifests say where there is none. */
  readonly expected: Exclude<Verdict, 'blocked'> | Expectation['expect'];
  /** What the manifests say. */
  readonly verdict: Verdict;
  readonly command: string;
  readonly notes: readonly string[];
}

/** What is asked about: a test, or the ends of the command line. */
interface Question {
  readonly asked: ExpectedPairs;
  readonly expect: Expectation['expect'] | undefined;
  readonly name: string | undefined;
}

interface Options {
  readonly way: Way;
  readonly pairs: number;
  /** The sources from which names were looked up already. */
  readonly lookedUp: Set<string>;
}

/** `netpol probe`: exit status 0 where there is something to run. */
export async function probe(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, probeUsage, {
    from: { type: 'string' },
    to: { type: 'string' },
    port: { type: 'string' },
    via: { type: 'string', default: 'exec' },
    pairs: { type: 'string', default: '5' },
    namespace: { type: 'string' },
    format: { type: 'string', default: 'sh' },
  });
  const { from, to, via: way } = values;
  const format = String(values.format);
  if (format !== 'sh' && format !== 'json') throw new CannotRun(`--format ${format}: use sh or json`);
  if (way !== 'exec' && way !== 'debug' && way !== 'run')
    throw new CannotRun(`--via ${String(way)}: use exec, debug or run`);
  if ((from === undefined) !== (to === undefined))
    throw new CannotRun('say both --from and --to, or neither for the tests');
  if (from === undefined && values.port !== undefined) throw new CannotRun('--port goes with --from and --to');
  const pairs = /^[1-9]\d{0,5}$/.test(String(values.pairs)) ? Number(values.pairs) : undefined;
  if (pairs === undefined) throw new CannotRun(`--pairs ${String(values.pairs)}: use a whole number from 1`);
  const namespace = typeof values.namespace === 'string' ? values.namespace : undefined;
  const port = values.port === undefined ? undefined : readPort(values.port);
  if (values.port !== undefined && port === undefined)
    throw new CannotRun(
      `--port ${String(values.port)}: use a number from 1 to 65535, or a name, with a protocol as 53/UDP`,
    );
  const input = await readTested(io, positionals);
  const options: Options = { way, pairs, lookedUp: new Set<string>() };
  const found =
    typeof from === 'string' && typeof to === 'string'
      ? probesBetween(input, namespace, from, to, port, options)
      : testFilesOf(input, io, positionals).flatMap((uri) => probesOfTests(input, uri, namespace, options));
  if (format === 'json') {
    const probes = found.flatMap((each) => ('command' in each ? [each] : []));
    const notes = found.flatMap((each) => ('note' in each ? [each.note] : []));
    io.out(`${JSON.stringify({ probes, notes }, undefined, 2)}\n`);
  } else io.out(script(found));
  return 0;
}

/** A command, or a line about what there is none for. */
type Line = Probe | { readonly note: string };

function probesBetween(
  input: Input,
  namespace: string | undefined,
  from: string,
  to: string,
  port: ReturnType<typeof readPort>,
  options: Options,
): readonly Line[] {
  const question: Question = {
    asked: {
      from: [{ kind: 'name', text: from }],
      to: [{ kind: 'name', text: to }],
      except: [],
      ports: port === undefined ? [] : [port],
    },
    expect: undefined,
    name: undefined,
  };
  const problems: string[] = [];
  const lines = input.netpol.workspace.index.scopes.flatMap((scope) => {
    const found = probesOf(expectationsOf(scope, input.netpol.profileOf(scope), namespace), question, options);
    if ('problem' in found) problems.push(found.problem);
    return 'problem' in found ? [] : found.lines;
  });
  if (lines.length === 0) throw new CannotRun(problems.at(-1) ?? 'there are no manifests here');
  return lines;
}

function probesOfTests(input: Input, uri: string, flag: string | undefined, options: Options): readonly Line[] {
  const { workspace } = input.netpol;
  const file = input.show(uri);
  return (workspace.file(uri)?.documents ?? []).flatMap(({ document }): readonly Line[] => {
    const tests = readTests(document);
    if (document.problems.length > 0 || tests.problems.length > 0) {
      throw new CannotRun(`${file} has a fault; \`netpol check ${file}\` shows it`);
    }
    if (tests.tests.length === 0) return [];
    const tested = scopesTested(workspace, tests);
    if ('problem' in tested) throw new CannotRun(`${file}: ${tested.problem}`);
    return tested.scopes.flatMap((scope) => {
      const expectations = expectationsOf(scope, input.netpol.profileOf(scope), tests.namespace ?? flag);
      return tests.tests.flatMap(({ expectation }): readonly Line[] => {
        const { name, expect } = expectation;
        const found = probesOf(expectations, { asked: expectation, expect, name }, options);
        return 'problem' in found ? [{ note: `${name}: ${found.problem}` }] : found.lines;
      });
    });
  });
}

function probesOf(
  expectations: Expectations,
  { asked, expect, name }: Question,
  { way, pairs, lookedUp }: Options,
): { readonly problem: string } | { readonly lines: readonly Line[] } {
  const found = expectations.pairsOf(asked, pairs);
  if ('message' in found) return { problem: `${found.field}: ${found.message}` };
  const lines = found.pairs.flatMap((pair) => {
    const words = `${endWords(pair.from)} to ${endWords(pair.to)}`;
    const single = portsToTry(pair);
    if (single.length === 0) return [{ note: `${words}: no port is declared there; say which.` }];
    return single.flatMap((port): readonly Line[] => {
      const command = probeCommand(expectations.cluster, pair.from, pair.to, port, way);
      if (command === undefined) return [{ note: `${words}: no command can try this.` }];
      const set = portsOf(port.protocol, port.port);
      const verdict = verdictOf(explain(expectations.cluster, pair.from, pair.to, set, expectations.judge));
      const one: Probe = {
        test: name ?? null,
        from: endWords(pair.from),
        to: endWords(pair.to),
        port: printPorts(set),
        expected: expect ?? wordOf(verdict),
        verdict,
        command: command.command,
        notes: command.notes,
      };
      return [...lookup(expectations, pair, command.host, way, lookedUp, name), one];
    });
  });
  const left = found.count - found.pairs.length;
  return {
    lines:
      left === 0
        ? lines
        : [...lines, { note: `${name ?? 'There'}: ${count(left, 'more pair')}; --pairs shows more of them.` }],
  };
}

/** A name that cannot be looked up looks like a connection that is blocked: that is tried first, once for each source. */
function lookup(
  expectations: Expectations,
  { from }: Pair,
  host: string | undefined,
  way: Way,
  known: Set<string>,
  test: string | undefined,
): readonly Probe[] {
  if (host === undefined || from.kind !== 'pods' || known.has(endWords(from))) return [];
  known.add(endWords(from));
  const command = lookupCommand(expectations.cluster, from.pods, host, way);
  const dns = expectations.resolve({ kind: 'name', text: 'dns' });
  const [to] = 'problem' in dns ? [] : dns.ends;
  if (command === undefined || to === undefined) return [];
  const declared =
    to.kind === 'pods' ? to.pods.ports.find(({ protocol, name }) => protocol === 'UDP' && name === 'dns') : undefined;
  const set = portsOf('UDP', declared?.port ?? 53);
  const verdict = verdictOf(explain(expectations.cluster, from, to, set, expectations.judge));
  const notes =
    verdict === 'allowed' ? [] : ['Where names do not resolve, the connections to names below fail for that reason.'];
  return [
    {
      test: test ?? null,
      from: endWords(from),
      to: endWords(to),
      port: printPorts(set),
      expected: wordOf(verdict),
      verdict,
      command,
      notes,
    },
  ];
}

/** The ports to try: those that were asked about, else those that the pods declare. */
function portsToTry({ to, ports }: Pair): readonly ProbedPort[] {
  const declared = to.kind === 'pods' ? to.pods.ports : [];
  const few =
    [...ports.byProtocol.values()].flat().reduce((sum, { first, last }) => sum + last - first + 1, 0) <= maxPorts;
  if (few) return targetsOf(ports);
  return declared.flatMap(({ protocol, port }) =>
    (protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP') && overlaps(ports, portsOf(protocol, port))
      ? [{ protocol, port }]
      : [],
  );
}

const maxPorts = 16;

function script(lines: readonly Line[]): string {
  const head = [
    '#!/bin/sh',
    '# Printed by netpol probe, which runs none of it: look at each command before you do. nc ends with status 0 where the',
    '# connection is made; one that policies block ends after its time limit. Images differ in what they have: --via debug',
    '# adds a container with the tools to the pod of the source, --via run starts a pod with its labels.',
  ];
  let test: string | null = null;
  const parts = lines.map((line) => {
    if ('note' in line) return [`# ${oneLine(line.note)}`];
    const differs = line.expected !== wordOf(line.verdict);
    const isNew = line.test !== null && line.test !== test;
    test = line.test;
    return [
      ...(isNew ? [`# == ${oneLine(line.test ?? '')}`, ''] : []),
      `# ${oneLine(`${line.from} to ${line.to} on ${line.port}`)}: expected to be ${line.expected}${differs ? `, and ${wordOf(line.verdict)} by these manifests` : ''}`,
      ...line.notes.map((note) => `# ${oneLine(note)}`),
      line.command,
    ];
  });
  return `${[head, ...parts].map((part) => part.join('\n')).join('\n\n')}\n`;
}

function wordOf(verdict: Verdict): Probe['expected'] {
  return verdict === 'blocked' ? 'denied' : verdict;
}

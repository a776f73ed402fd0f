import type { PortQuestion } from '../engine/endpoints.js';
import { finished } from '../engine/steps.js';
import { explanations } from '../features/explain/explain-answers.js';
import { verdictOf } from '../features/explain/explain-view.js';
import { type Io, parse, readWith } from './command.js';
import { explainJson } from './explain-json.js';
import { explanationText, placed } from './explain-output.js';
import { explainFlows } from './flows.js';
import { CannotRun } from './input.js';
import { scopeNotes } from './scope-notes.js';

export const explainUsage = `netpol explain [PATH...] --from A --to B [--port PORT] [--protocol TCP|UDP|SCTP]
               [--namespace NS] [--format text|json]
netpol explain [PATH...] --flows FILE|- [--namespace NS] [--format text|json]

  Says whether A may connect to B, and every line that decides it; of what is blocked, the rules that come nearest to
  allowing it and why they do not match.
  PATH is a file, a folder or - for standard input; the current folder when none is given.

  With --flows it says this of every connection that Hubble saw: which policy's line drops it and what would allow it,
  or what else may be behind a drop that these manifests do not explain.

  --from A, --to B          NS/NAME, NAME, NS/NAME[Kind], deployment/NAME, svc/NS/NAME (its pods, on its targetPort),
                            an IP address, a CIDR, or internet for any address outside of the cluster
  --port PORT               a number of the destination pods' ports (of a service: the service's), or a port's name;
                            every port when it is left out
  --protocol PROTOCOL       TCP (the default with a number), UDP or SCTP
  --namespace NS            the namespace of objects that name none (default: default), and of names that are in several
  --flows FILE              what \`hubble observe -o json\` prints, or - for standard input
  --format text|json        text, or the JSON contract of docs/json.md

  Exit status: 0 all of it is surely allowed, 1 some of it is blocked or not certain, 2 it could not run. With --flows: 0
  nothing was dropped and nothing passed that these manifests block, 1 something was or did. ICMP is not judged; what a
  policy drops of it counts as dropped.

  Examples:
    netpol explain examples/shop --from frontend --to shop/api --port 8080
    netpol explain examples/shop --from shop/api --to 10.0.0.0/8
    netpol explain examples/shop --flows examples/flows/shop.jsonl`;

/** `netpol explain`: exit status 0 allowed, 1 blocked or not certain. */
export async function explain(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, explainUsage, {
    from: { type: 'string' },
    to: { type: 'string' },
    port: { type: 'string' },
    protocol: { type: 'string' },
    namespace: { type: 'string' },
    flows: { type: 'string' },
    format: { type: 'string', default: 'text' },
  });
  const { from, to, namespace, flows } = values;
  const format = String(values.format);
  if (format !== 'text' && format !== 'json') throw new CannotRun(`--format ${format}: use text or json`);
  if (typeof flows === 'string') {
    const other = ['from', 'to', 'port', 'protocol'].find((name) => values[name] !== undefined);
    if (other !== undefined) throw new CannotRun(`--flows says itself what is asked about: leave out --${other}`);
    return explainFlows(positionals, io, { flows, namespace: String(namespace ?? 'default'), format });
  }
  if (typeof from !== 'string' || typeof to !== 'string') {
    throw new CannotRun('say --from and --to: a workload (NS/NAME), an address, or internet');
  }
  const question = portQuestion(values.port, values.protocol);
  const input = await readWith(io, positionals);
  const { netpol } = input;
  const asked = { from, to, question, namespace: typeof namespace === 'string' ? namespace : undefined };
  const found = finished(explanations(netpol.workspace.index.scopes, (scope) => netpol.profileOf(scope), asked));
  if ('problem' in found) throw new CannotRun(found.problem);
  const { answers } = found;
  if (format === 'json') {
    io.out(
      `${JSON.stringify(
        explainJson(answers, (at) => placed(input, at)),
        undefined,
        2,
      )}\n`,
    );
  } else {
    io.out(explanationText(input, io, answers));
  }
  const scopes = answers.map(({ scope }) => scope);
  for (const note of scopeNotes(input, scopes)) io.err(`netpol: ${note}\n`);
  return answers.every(({ explained }) => verdictOf(explained.parts) === 'allowed') ? 0 : 1;
}

function portQuestion(port: unknown, protocol: unknown): PortQuestion {
  const upper = typeof protocol === 'string' ? protocol.toUpperCase() : undefined;
  if (upper !== undefined && upper !== 'TCP' && upper !== 'UDP' && upper !== 'SCTP') {
    throw new CannotRun(`--protocol ${String(protocol)}: use TCP, UDP or SCTP`);
  }
  if (typeof port !== 'string') return { protocol: upper, port: undefined };
  if (!/^-?\d+$/.test(port)) return { protocol: upper, port };
  const number = Number(port);
  if (number < 1 || number > 65535) throw new CannotRun(`--port ${port}: use a number from 1 to 65535, or a name`);
  return { protocol: upper, port: number };
}

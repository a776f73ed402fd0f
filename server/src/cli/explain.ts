import type { PortQuestion } from '../engine/endpoints.js';
import { explanations } from '../features/explain-answers.js';
import { explainText } from '../features/explain-text.js';
import { type Explained, explainView, verdictOf } from '../features/explain-view.js';
import type { Place } from '../model/workload.js';
import type { Scope } from '../workspace/scope.js';
import { type Io, parse, readWith } from './command.js';
import { explainJson } from './explain-json.js';
import { CannotRun, type Input } from './input.js';

export const explainUsage = `netpol explain [PATH...] --from A --to B [--port PORT] [--protocol TCP|UDP|SCTP]
               [--namespace NS] [--format text|json]

  Says whether A may connect to B, and every line that decides it; of what is blocked, the rules that come nearest to
  allowing it and why they do not match.
  PATH is a file, a folder or - for standard input; the current folder when none is given.

  --from A, --to B          NS/NAME, NAME, NS/NAME[Kind], deployment/NAME, svc/NS/NAME (its pods, on its targetPort),
                            an IP address, a CIDR, or internet for any address outside of the cluster
  --port PORT               a number of the destination pods' ports (of a service: the service's), or a port's name;
                            every port when it is left out
  --protocol PROTOCOL       TCP (the default with a number), UDP or SCTP
  --namespace NS            the namespace of objects that name none (default: default), and of names that are in several
  --format text|json        text, or the JSON contract of docs/json.md

  Exit status: 0 all of it is surely allowed, 1 some of it is blocked or not certain, 2 it could not run.`;

/** `netpol explain`: exit status 0 allowed, 1 blocked or not certain. */
export async function explain(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, explainUsage, {
    from: { type: 'string' },
    to: { type: 'string' },
    port: { type: 'string' },
    protocol: { type: 'string' },
    namespace: { type: 'string' },
    format: { type: 'string', default: 'text' },
  });
  const { from, to, namespace } = values;
  if (typeof from !== 'string' || typeof to !== 'string') {
    throw new CannotRun('say --from and --to: a workload (NS/NAME), an address, or internet');
  }
  const format = String(values.format);
  if (format !== 'text' && format !== 'json') throw new CannotRun(`--format ${format}: use text or json`);
  const question = portQuestion(values.port, values.protocol);
  const input = await readWith(io, positionals);
  const { netpol } = input;
  const asked = { from, to, question, namespace: typeof namespace === 'string' ? namespace : undefined };
  const found = explanations(netpol.workspace.index.scopes, netpol.settings.profile, asked);
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
    io.out(answers.map(({ scope, explained }) => textOf(input, io, scope, explained, answers.length > 1)).join('\n'));
  }
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

function textOf(input: Input, io: Io, scope: Scope, explained: Explained, several: boolean): string {
  const view = explainView(explained);
  const text = explainText(
    view,
    ({ at }) => {
      const place = placed(input, at);
      return place === undefined ? undefined : `${place.file}:${place.line}`;
    },
    ({ at }) => placed(input, at),
    io.style,
  );
  return several ? `${io.style.bold(`${scope.title} (${scope.kind})`)}\n${text}` : text;
}

/** Where a place is, with its line of text; lines from 1. Undefined where the file is gone. */
function placed({ netpol, show }: Input, at: Place) {
  const file = netpol.workspace.file(at.document.uri);
  const range = file?.toFile(at);
  if (file === undefined || range === undefined) return undefined;
  const { line } = file.lines.positionAt(range.start);
  return { file: show(file.uri), line: line + 1, text: file.lines.lineText(line).trimEnd().replaceAll('\t', ' ') };
}

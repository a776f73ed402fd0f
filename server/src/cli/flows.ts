import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { reasonOf } from '../host/node-files.js';
import { count, list } from '../model/print.js';
import { type Io, readWith } from './command.js';
import { explanationText, placed } from './explain-output.js';
import { type FlowAnswer, flowAnswers, isTrouble } from './flows-answers.js';
import { flowsJson } from './flows-json.js';
import { type FlowRecords, readFlows } from './flows-records.js';
import { CannotRun, type Input } from './input.js';
import { silence } from './progress.js';

/**
 * `netpol explain --flows`: what the manifests say of each connection that Hubble saw. Exit status 0 where nothing was
 * dropped (of what is left out: by a policy) and nothing passed that they block, else 1.
 */
export async function explainFlows(
  paths: readonly string[],
  io: Io,
  options: { readonly flows: string; readonly namespace: string; readonly format: 'text' | 'json' },
): Promise<number> {
  if (options.flows === '-' && paths.includes('-'))
    throw new CannotRun('standard input is given twice: as the flows and as manifests');
  const found = readFlows(await textOf(options.flows, io));
  if (found.records.length === 0 && found.leftOut.size === 0) {
    const [first] = found.unreadable;
    const where = options.flows === '-' ? 'standard input' : options.flows;
    throw new CannotRun(
      first === undefined
        ? `${where} holds no flows; give it what \`hubble observe -o json\` prints`
        : `${where} holds no flows of Hubble: line ${first.line}: ${first.message}`,
    );
  }
  const input = await readWith(io, paths);
  const { netpol } = input;
  const answers = flowAnswers(netpol.workspace.index.scopes, (scope) => netpol.profileOf(scope), found.records, {
    namespace: options.namespace,
    progress: io.progress ?? silence,
  });
  if (options.format === 'json') {
    io.out(
      `${JSON.stringify(
        flowsJson(answers, found, (at) => placed(input, at)),
        undefined,
        2,
      )}\n`,
    );
  } else {
    io.out(textOfAll(answers, found, input, io));
  }
  for (const { line, message } of found.unreadable) io.err(`netpol: line ${line} was not read: ${message}\n`);
  if (found.dropsLeftOut > 0) {
    io.err(
      `netpol: ${count(found.dropsLeftOut, 'drop')} without a port (ICMP and others) ${found.dropsLeftOut === 1 ? 'is' : 'are'} not judged; with Cilium \`icmps\` in a policy lets such through\n`,
    );
  }
  return answers.some(isTrouble) || found.dropsLeftOut > 0 ? 1 : 0;
}

async function textOf(flows: string, io: Io): Promise<string> {
  if (flows === '-') return io.stdin();
  try {
    return await readFile(resolve(io.cwd, flows), 'utf8');
  } catch (error) {
    throw new CannotRun(`${flows}: ${reasonOf(error)}`);
  }
}

function textOfAll(answers: readonly FlowAnswer[], found: FlowRecords, input: Input, io: Io): string {
  const shown = answers.filter(isTrouble);
  const quiet = answers.filter((answer) => !isTrouble(answer));
  return [summary(answers, found), ...shown.map((each) => textOfOne(each, input, io)), ...quietly(quiet)].join('\n');
}

/** How many there are of each, in connections and in records. */
function summary(answers: readonly FlowAnswer[], { records, leftOut }: FlowRecords): string {
  const of = (test: (answer: FlowAnswer) => boolean) => answers.filter(test).length;
  const words = [
    [of(({ record }) => record.verdict === 'dropped'), 'dropped'],
    [of(({ record }) => record.verdict === 'audited'), 'that would be dropped without audit mode'],
    [of(({ finding }) => finding === 'contradicted'), 'forwarded although these manifests block it'],
    [of((answer) => answer.record.verdict === 'forwarded' && answer.finding !== 'contradicted'), 'forwarded'],
  ] as const;
  const told = words.flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${what}`]));
  const left = [...leftOut].map(([why, n]) => `${n} ${why}`);
  const records_ = `${count(records.length, 'record')}${left.length === 0 ? '' : `, ${list(left)} left out`}`;
  return `${count(answers.length, 'connection')}${told.length === 0 ? '' : `: ${list(told)}`} (${records_})\n`;
}

const headings: Readonly<Record<FlowAnswer['record']['verdict'], string>> = {
  dropped: 'Dropped',
  audited: 'Would be dropped',
  forwarded: 'Forwarded',
};

const said: Readonly<Record<FlowAnswer['finding'], string>> = {
  explained: 'These manifests block it.',
  unexplained: 'These manifests do not explain the drop:',
  contradicted: 'These manifests block it. What may be behind it:',
  agrees: 'These manifests allow it.',
  'not certain': 'What these manifests say of it is not certain.',
  'not judged': 'It is not judged.',
};

function textOfOne(answer: FlowAnswer, input: Input, io: Io): string {
  const { style } = io;
  const { record, finding, causes, answers } = answer;
  const words = [record.direction, record.reason].filter((each) => each !== undefined).join(', ');
  const head = `${headings[record.verdict]} ${times(answer.count)}: ${nameOfConnection(answer)}${words === '' ? '' : ` (${words})`}`;
  const lines = [style.bold(head), said[finding], ...causes.map((cause) => `- ${cause}`)];
  // Of what is allowed there is no line to show that would tell more.
  const told = finding === 'unexplained' ? [] : answers;
  const text = explanationText(
    input,
    io,
    told.map(({ explained, ...rest }) => ({ ...rest, explained: { ...explained, cuts: [] } })),
  );
  return `${lines.join('\n')}\n${text === '' ? '' : `\n${text}`}`;
}

function nameOfConnection({ from, to, record: { protocol, port } }: FlowAnswer): string {
  return `${from} -> ${to} on ${protocol} ${port}`;
}

/** What passed and is no trouble, in a line for each finding that is not plain agreement. */
function quietly(answers: readonly FlowAnswer[]): readonly string[] {
  const agreeing = answers.filter(({ finding }) => finding === 'agrees').length;
  const others = answers.filter(({ finding }) => finding !== 'agrees');
  return [
    ...(agreeing === 0 ? [] : [`Forwarded as these manifests allow: ${count(agreeing, 'connection')}.\n`]),
    ...others.map(
      (answer) =>
        `Forwarded ${times(answer.count)}: ${nameOfConnection(answer)}. ${[said[answer.finding], ...answer.causes].join(' ')}\n`,
    ),
  ];
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`;
}

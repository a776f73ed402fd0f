import { conditionWords } from '../engine/connection-words.js';
import type { ConnectionChange } from '../engine/diff.js';
import type { Cause } from '../engine/diff-causes.js';
import type { ScopeDiff, States } from '../features/changes/diff-scopes.js';
import {
  headline,
  placeOf,
  policyTitle,
  type Row,
  type Section,
  type ShownCause,
  sectionsOf,
  undecidedIn,
  undecidedTitle,
  withoutEffect,
} from '../features/changes/diff-view.js';
import { printConnections } from '../model/ports.js';
import type { Style } from './style.js';

/** Writes differences out. */
export type DiffFormat = (diffs: readonly ScopeDiff[], states: States, style: Style) => string;

export const diffFormats: Readonly<Record<string, DiffFormat>> = { text, json, md, csv };

/** For people: what becomes allowed first, and of that what comes from outside. */
function text(diffs: readonly ScopeDiff[], states: States, style: Style): string {
  const lines = [`${style.bold(`${headline(diffs)}`)}: ${states[0].title} compared with ${states[1].title}`];
  for (const scoped of diffs) {
    const sections = sectionsOf(scoped, states);
    const idle = withoutEffect(scoped);
    const undecided = undecidedIn(scoped);
    if (scoped.scope !== undefined && sections.length + idle.length + undecided.length > 0)
      lines.push('', style.bold(`# ${scoped.scope}`));
    for (const { title, connections, parts } of sections) {
      lines.push('', style.bold(`${title} (${connections})`));
      for (const part of parts) {
        lines.push('', `  ${part.title}`);
        for (const { rows, because } of part.blocks) {
          lines.push(...rows.flatMap(rowLines), ...because.map((cause) => `        ${causeLine(cause, style)}`));
        }
      }
    }
    if (undecided.length > 0) {
      lines.push('', `${style.bold(undecidedTitle)}:`);
      lines.push(...undecided.map(({ policy, why }) => `    ${policy}: ${why}`));
    }
    if (idle.length > 0) lines.push('', `Without effect on these workloads: ${idle.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function rowLines({ from, to, ports }: Row): readonly string[] {
  const [first = ''] = from;
  if (from.length === 1 && to.length === 1) return [`    ${first} → ${to.join()}   ${ports}`];
  return [...from.map((name) => `    ${name}`), ...to.map((name) => `      → ${name}   ${ports}`)];
}

function causeLine({ words, at }: ShownCause, style: Style): string {
  return at === undefined ? words : `${words}   ${style.dim(at)}`;
}

/** Behind this many rows a section of Markdown is folded. */
const manyRows = 10;
/** A comment may hold 65,536 characters; behind this many rows a table is cut short, and says so. */
const maxRows = 100;

/** For a comment on a pull request. */
function md(diffs: readonly ScopeDiff[], states: States): string {
  const parts = [`### Network policies: ${headline(diffs)}`];
  for (const scoped of diffs) {
    const sections = sectionsOf(scoped, states);
    const idle = withoutEffect(scoped);
    const undecided = undecidedIn(scoped);
    if (scoped.scope !== undefined && sections.length + idle.length + undecided.length > 0)
      parts.push(`#### ${code(scoped.scope)}`);
    parts.push(...sections.map(markdownSection));
    if (undecided.length > 0) {
      const items = undecided.map(({ policy, why }) => `- ${code(policy)}: ${escaped(why)}`);
      parts.push([`**${undecidedTitle}:**`, '', ...items].join('\n'));
    }
    if (idle.length > 0) parts.push(`Without effect on these workloads: ${idle.map(code).join(', ')}`);
  }
  parts.push(`<sub>${code(states[0].title)} compared with ${code(states[1].title)} by <code>netpol diff</code></sub>`);
  return `${parts.join('\n\n')}\n`;
}

function markdownSection({ title, connections, parts }: Section): string {
  const rows = parts.flatMap((part) =>
    part.blocks.flatMap(({ rows: own, because }) =>
      own.map(({ from, to, ports }) => {
        const why = because.map(({ words, at }) => `${escaped(words)}${at === undefined ? '' : ` (${code(at)})`}`);
        return `| ${part.title} | ${names(from)} | ${names(to)} | ${escaped(ports)} | ${why.join('<br>')} |`;
      }),
    ),
  );
  const more = rows.length - maxRows;
  const table = ['| | from | to | ports | because |', '|---|---|---|---|---|', ...rows.slice(0, maxRows)].join('\n');
  const all = more > 0 ? `${table}\n\n${more} more rows are left out here; \`netpol diff\` shows them.` : table;
  if (rows.length <= manyRows) return `**${title}** (${connections})\n\n${all}`;
  return `<details>\n<summary><b>${title}</b> (${connections})</summary>\n\n${all}\n\n</details>`;
}

function names(list: readonly string[]): string {
  return list.map(code).join('<br>');
}

/** As code in a table: what would end the code or the cell is left out or escaped. */
function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#@&]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** The contract of docs/json.md. */
function json(diffs: readonly ScopeDiff[], states: States): string {
  const items = diffs.flatMap(({ scope, diff }) =>
    diff.changes.map((change) => ({ ...row(change), ...causes(change), ...(scope === undefined ? {} : { scope }) })),
  );
  return `${JSON.stringify(items, undefined, 2)}\n`;

  function causes({ because }: ConnectionChange) {
    return { because: because.map((cause) => ({ ...causeItem(cause), ...placeOf(states[cause.side], cause.at) })) };
  }
}

function row({ change, from, to, before, after, conditions }: ConnectionChange) {
  return {
    change,
    src: from.name,
    dst: to.name,
    before: `${printConnections(before)}${conditionWords(conditions[0])}`,
    after: `${printConnections(after)}${conditionWords(conditions[1])}`,
  };
}

function causeItem(cause: Cause) {
  const side = cause.side === 0 ? 'before' : 'after';
  if (cause.kind !== 'policy') return { kind: cause.kind, name: cause.name, change: cause.change, side };
  const { kind, policy, change, direction, effect, rule } = cause;
  const name = policyTitle({ before: policy, after: undefined });
  return { kind, name, change, side, direction, effect, ...(rule === undefined ? {} : { rule: rule.index + 1 }) };
}

function csv(diffs: readonly ScopeDiff[]): string {
  const columns = ['change', 'src', 'dst', 'before', 'after'] as const;
  const field = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = diffs.flatMap(({ diff }) =>
    diff.changes.map((change) => {
      const values = row(change);
      return columns.map((column) => field(values[column])).join();
    }),
  );
  return `${[columns.join(), ...rows].join('\n')}\n`;
}

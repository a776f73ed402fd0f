import {
  behind,
  type EffectiveView,
  type LinkedWords,
  type NamedPlace,
  type OrderedRow,
  type Sentence,
} from './view.js';

/** Turns a place into the target of a Markdown link, and its line; undefined where it is gone. */
export type LinkTo = (place: NamedPlace) => { readonly target: string; readonly line: number } | undefined;

/** The effective allow set as Markdown: a table a person reads at a glance, with every claim a link to its line. */
export function effectiveMarkdown(view: EffectiveView, linkTo: LinkTo): string {
  // One paragraph of two lines: a hover shows little more than ten.
  const head = `**${escapeMarkdown(view.name)}** — ${view.kind}, ${escapeMarkdown(view.where)}`;
  const lines = [`${head}  \n${escapeMarkdown(view.subject)}`, ''];
  for (const direction of view.directions) {
    const title = direction.direction === 'ingress' ? 'Ingress' : 'Egress';
    lines.push(`**${title}** — ${sentence(direction.sentence, linkTo)}`, '');
    const who = direction.direction === 'ingress' ? 'from' : 'to';
    lines.push(...ordered(direction.before, who, linkTo));
    if (direction.rows.length > 0) {
      lines.push(`| ports | ${who} | by |`, '|:--|:--|:--|');
      for (const row of direction.rows) {
        const peer =
          row.workloads === undefined
            ? escapeMarkdown(row.who)
            : `${escapeMarkdown(row.who)} — _${escapeMarkdown(row.workloads)}_`;
        lines.push(`| ${unbroken(escapeMarkdown(row.ports))} | ${peer} | ${link(row.by, linkTo)} |`);
      }
      if (direction.closing !== undefined) lines.push(`| — | ${direction.closing} | |`);
      lines.push('');
    }
    lines.push(...ordered(direction.after, who, linkTo));
    if (direction.rows.length === 0 && direction.closing !== undefined) lines.push(`_${direction.closing}_`, '');
    for (const warning of direction.warnings) lines.push(`⚠ ${escapeMarkdown(warning)}`, '');
  }
  for (const other of view.others) lines.push(`_${sentence(other, linkTo)}_`, '');
  if (view.uncertain)
    lines.push('_Part of this is produced by a template or cannot be read: more or less may be allowed._', '');
  return lines.join('\n').trimEnd();
}

/** Rules in an order: the first that matches decides, so they are numbered. */
function ordered(rows: readonly OrderedRow[], who: string, linkTo: LinkTo): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row, index) => {
    const partly = row.partly ? ' _(where its policy selects the pods)_' : '';
    return `| ${index + 1} | ${row.action} | ${unbroken(escapeMarkdown(row.ports))} | ${escapeMarkdown(row.who)}${escapeMarkdown(behind(row))}${partly} | ${link(row.by, linkTo)} |`;
  });
  return [`| | rule | ports | ${who} | by |`, '|:--|:--|:--|:--|:--|', ...lines, ''];
}

function sentence(parts: Sentence, linkTo: LinkTo): string {
  return parts.map((part) => (typeof part === 'string' ? escapeMarkdown(part) : linkedWords(part, linkTo))).join('');
}

function linkedWords({ words, place }: LinkedWords, linkTo: LinkTo): string {
  if (words === place.label) return link(place, linkTo);
  const found = linkTo(place);
  return found === undefined
    ? escapeMarkdown(words)
    : `[${escapeMarkdown(words)}, line ${found.line}](${found.target})`;
}

function link(place: NamedPlace, linkTo: LinkTo): string {
  const found = linkTo(place);
  if (found === undefined) return escapeMarkdown(place.label);
  return `[${escapeMarkdown(place.label)}:${found.line}](${found.target})`;
}

/** Text that Markdown leaves as it is, also within a table cell. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/\r?\n/g, ' ');
}

/** A short cell stays on one line, whatever the width of the others. */
function unbroken(text: string): string {
  return text.length <= 24 ? text.replaceAll(' ', '\u00a0') : text;
}

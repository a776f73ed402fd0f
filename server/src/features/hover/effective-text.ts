import { type AllowRow, behind, type EffectiveView, type NamedPlace, type OrderedRow, wordsOf } from './view.js';

/** Says where a place is, e.g. "policies/api.yaml:14"; undefined where it is gone. */
export type PlaceName = (place: NamedPlace) => string | undefined;

export interface TextStyle {
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
}

/** The effective allow set as plain text with aligned columns. */
export function effectiveText(view: EffectiveView, placeName: PlaceName, style: TextStyle): string {
  const lines = [`${style.bold(view.name)}  ${view.kind}, ${view.where}`, view.subject, ''];
  for (const direction of view.directions) {
    const title = direction.direction === 'ingress' ? 'Ingress' : 'Egress ';
    lines.push(`${style.bold(title)}  ${wordsOf(direction.sentence)}`);
    const who = direction.direction === 'ingress' ? 'from' : 'to';
    lines.push(...orderedLines(direction.before, who, placeName, style));
    lines.push(...rowLines(direction.rows, who, placeName, style));
    lines.push(...orderedLines(direction.after, who, placeName, style));
    if (direction.closing !== undefined) lines.push(`         ${style.dim(direction.closing)}`);
    for (const warning of direction.warnings) lines.push(`         ${style.warn(warning)}`);
    lines.push('');
  }
  for (const other of view.others) lines.push(style.dim(wordsOf(other)));
  if (view.uncertain)
    lines.push(style.dim('Part of this is produced by a template or cannot be read: more or less may be allowed.'));
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Rules in an order: the first that matches decides, so they are numbered. */
function orderedLines(
  rows: readonly OrderedRow[],
  word: string,
  placeName: PlaceName,
  style: TextStyle,
): readonly string[] {
  return rows.map((row, index) => {
    const where = placeName(row.by);
    const partly = row.partly ? ' (where its policy selects the pods)' : '';
    const by = where === undefined ? '' : style.dim(`   ${row.by.label}, ${where}`);
    return `         ${index + 1}. ${row.action} ${row.ports} ${word} ${row.who}${behind(row)}${partly}${by}`;
  });
}

function rowLines(rows: readonly AllowRow[], word: string, placeName: PlaceName, style: TextStyle): readonly string[] {
  const width = Math.max(0, ...rows.map((row) => row.ports.length));
  return rows.map((row) => {
    const workloads = row.workloads === undefined ? '' : ` (${row.workloads})`;
    const where = placeName(row.by);
    return `         ${row.ports.padEnd(width)}  ${word} ${row.who}${workloads}${where === undefined ? '' : style.dim(`   ${row.by.label}, ${where}`)}`;
  });
}

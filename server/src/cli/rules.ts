import { nearestName } from '../kinds/nearest.js';
import { rules as catalogue, ruleNamed } from '../rules/index.js';
import { pageOf, rulePage } from '../rules/page.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';

export const rulesUsage = `netpol rules [ID] [--format text|json]

  The catalogue of rules; with ID the page of one rule. Works offline.

  Exit status: 0, or 2 where there is no such rule.

  Examples:
    netpol rules
    netpol rules dns-egress-missing
    netpol rules --format json`;

/** `netpol rules`: the catalogue, or one rule's page. */
export async function rules(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, rulesUsage, { format: { type: 'string', default: 'text' } });
  const json = values.format === 'json';
  if (!json && values.format !== 'text') throw new CannotRun(`--format ${String(values.format)}: use text or json`);
  const [id] = positionals;
  if (id !== undefined) {
    const rule = ruleNamed(id);
    if (rule === undefined) {
      const meant = nearestName(
        id,
        catalogue.map((each) => each.id),
      );
      throw new CannotRun(
        `there is no rule "${id}"${meant === undefined ? '; `netpol rules` shows them' : `; did you mean "${meant}"?`}`,
      );
    }
    io.out(json ? `${JSON.stringify(asJson(rule), undefined, 2)}\n` : rulePage(rule));
    return 0;
  }
  if (json) {
    io.out(`${JSON.stringify(catalogue.map(asJson), undefined, 2)}\n`);
    return 0;
  }
  const width = Math.max(...catalogue.map((rule) => rule.id.length));
  for (const group of new Set(catalogue.map((rule) => rule.group))) {
    io.out(`${io.style.bold(group)}\n`);
    for (const rule of catalogue.filter((each) => each.group === group)) {
      io.out(`  ${rule.id.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.summary}\n`);
    }
    io.out('\n');
  }
  return 0;
}

function asJson(rule: (typeof catalogue)[number]) {
  const { id, group, severity, summary } = rule;
  return { id, group, severity, summary, references: pageOf(rule).references };
}

import { rulePages } from './pages.js';
import type { RuleDefinition, RulePage } from './rule.js';
import { runbookLinks } from './runbooks.js';

/** What a rule's page says. Every rule has one: a test holds it. */
export function pageOf(rule: RuleDefinition): RulePage {
  const page = rulePages.get(rule.id);
  if (page === undefined) throw new Error(`the rule ${rule.id} has no page in rules/pages.ts`);
  return page;
}

/** A rule's page as Markdown: what, why, a bad and a good example, references; the same offline and in docs/rules. */
export function rulePage(rule: RuleDefinition): string {
  const page = pageOf(rule);
  const references = [...runbookLinks(rule.id), ...page.references.map((each) => `<${each}>`)];
  const parts = [
    `# ${rule.id}`,
    rule.summary,
    `Severity: **${rule.severity}** by default. Group: ${rule.group}.`,
    '## What it finds',
    page.what.trim(),
    '## Why it matters',
    page.why.trim(),
    '## Bad',
    fence(page.bad),
    '## Good',
    fence(page.good),
    '## Silencing it',
    `Where this is meant, say so above the line: \`# netpol-disable-next-line ${rule.id} -- reason\`. For a file: \`# netpol-disable ${rule.id}\` at its top. For a workspace, in \`.netpol.yaml\`: \`rules: {${rule.id}: off}\`.`,
    ...(references.length === 0 ? [] : ['## References', references.map((each) => `- ${each}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function fence(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``;
}

import type { RuleDefinition } from './rule.js';

/** A rule's page as Markdown: what, why, a bad and a good example, references; the same offline and in docs/rules. */
export function rulePage(rule: RuleDefinition): string {
  const parts = [
    `# ${rule.id}`,
    rule.summary,
    `Severity: **${rule.severity}** by default. Group: ${rule.group}.`,
    '## What it finds',
    rule.what.trim(),
    '## Why it matters',
    rule.why.trim(),
    '## Bad',
    fence(rule.bad),
    '## Good',
    fence(rule.good),
    '## Silencing it',
    `Where this is meant, say so above the line: \`# netpol-disable-next-line ${rule.id} -- reason\`. For a file: \`# netpol-disable ${rule.id}\` at its top. For a workspace, in \`.netpol.yaml\`: \`rules: {${rule.id}: off}\`.`,
    ...(rule.references.length === 0 ? [] : ['## References', rule.references.map((each) => `- <${each}>`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function fence(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``;
}

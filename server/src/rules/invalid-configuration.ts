import type { YamlDocument } from '../text/document.js';
import { removeEntry, replaceKey, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryAt, nodeAt } from '../text/paths.js';
import { keySpan, keyText, type YamlNode } from '../text/tree.js';
import { folderOf } from '../workspace/files.js';
import { matcher } from '../workspace/patterns.js';
import { problemText, readSettings } from '../workspace/settings.js';
import { checkSettings, type SettingsProblem } from '../workspace/settings-check.js';
import { settingsFields } from '../workspace/settings-fields.js';
import { isSettingsFile, placeOfProblem, settingsData } from '../workspace/settings-file.js';
import { defineFileRule, type FileContext, type Finding, type RulePage } from './rule.js';

export const invalidConfiguration = defineFileRule({
  id: 'invalid-configuration',
  group: 'netpol itself',
  severity: 'error',
  summary: 'A value or a name in .netpol.yaml that netpol cannot use.',
  looksAt: isSettingsFile,
  *check(context) {
    const document = context.file.documents[0]?.document;
    if (document === undefined) return;
    for (const { range, message } of document.problems) yield { at: { document, range }, message };
    // Where the syntax is broken, the structure is guessed.
    if (document.problems.length > 0) return;
    const data = settingsData(context.file);
    const { settings, problems } = readSettings(data);
    const named = checkSettings(data, settingsFields(context.rules)).filter(({ kind }) => kind === 'unknown');
    for (const problem of [...problems.filter(({ kind }) => kind === 'refused'), ...named]) {
      const at = placeOfProblem(document, problem);
      if (at === undefined) continue;
      yield {
        at,
        message: problemText(problem),
        ...(problem.kind === 'unknown' ? { severity: 'warning' as const } : {}),
        fixes: fixesOf(document, problem),
      };
    }
    yield* givenTwice(document.root);
    yield* withoutFiles(context, document, [
      ['include', settings.include],
      ...settings.scopes.map((scope, i) => [`scopes.${i}.include`, scope.include] as const),
    ]);
  },
});

export const invalidConfigurationPage: RulePage = {
  what: `Reports, at the very place in \`.netpol.yaml\`:

- values that cannot be used (errors): a plugin or a severity that does not exist, an address range that is none, a list where a map belongs, a version that is not in quotes (YAML reads \`1.30\` as the number 1.3), two scopes of one name;
- a key that is given twice (error);
- settings and rules that do not exist (warnings);
- patterns of \`include\` and \`scopes\` that match no file (information).

Fixes put in what was most likely meant.`,
  why: 'What is not understood does not count: netpol would judge another cluster than yours, or report what you have switched off. The command line does not run with such a file; it ends with exit status 2 and names the line.',
  bad: `# file: .netpol.yaml
cni: calicoo
rules:
  dns-egress-missing: fatal
`,
  good: `# file: .netpol.yaml
cni: calico
rules:
  dns-egress-missing: error
`,
  references: ['https://git-scm.com/docs/gitignore#_pattern_format'],
};

/** What puts in what was most likely meant. */
export function fixesOf(document: YamlDocument, { path, onKey, meant, unquoted }: SettingsProblem): readonly Fix[] {
  const entry = entryAt(document, path);
  if (onKey) {
    return entry === undefined || meant === undefined
      ? []
      : [{ title: `Change to ${meant}`, preferred: true, changes: () => editOnly(replaceKey(entry, meant)) }];
  }
  const node = nodeAt(document, path);
  if (node?.kind !== 'scalar') return [];
  if (meant !== undefined)
    return [{ title: `Change to ${meant}`, preferred: true, changes: () => editOnly(replaceScalar(node, meant)) }];
  const text = document.text.slice(node.range.start, node.range.end);
  return unquoted === true
    ? [{ title: 'Put it in quotes', preferred: true, safe: true, changes: () => editOnly(replaceScalar(node, text)) }]
    : [];
}

/** Of two equal keys only the last counts. */
function* givenTwice(node: YamlNode | undefined): Iterable<Finding> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* givenTwice(value);
  if (node?.kind !== 'map') return;
  for (const entry of node.entries) {
    const name = keyText(entry);
    if (entry.duplicate) {
      yield {
        at: keySpan(entry),
        message: `"${name}" is given twice here, and only this last one counts. Keep one.`,
        fixes: [{ title: `Remove this "${name}"`, changes: () => editOnly(removeEntry(node, entry)) }],
      };
    }
    yield* givenTwice(entry.value);
  }
}

/** Patterns that name no file that was read. What is excluded is not listed, so nothing is known of those patterns. */
function* withoutFiles(
  { file, workspace }: FileContext,
  document: YamlDocument,
  lists: readonly (readonly [string, readonly string[]])[],
): Iterable<Finding> {
  const folder = folderOf(file.uri);
  const uris = [...workspace.files.keys()].filter((uri) => uri !== file.uri);
  if (uris.length === 0) return;
  for (const [path, patterns] of lists) {
    const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const node = nodeAt(document, steps);
    for (const item of node?.kind === 'sequence' ? node.items : []) {
      if (item.value.kind !== 'scalar' || typeof item.value.value !== 'string') continue;
      const pattern = item.value.value;
      if (!patterns.includes(pattern) || pattern.startsWith('!') || uris.some(matcher([pattern], folder))) continue;
      yield {
        at: { document, range: item.value.range },
        severity: 'info',
        message: `No manifest here matches "${pattern}". Patterns are those of .gitignore, from the workspace folder.`,
      };
    }
  }
}

import { rules } from '#server/rules/index.js';
import type { FileFinding } from '#server/rules/run.js';
import { Netpol } from '#server/service.js';
import { SourceFile } from '#server/text/file.js';
import type { Fix } from '#server/text/fix.js';
import { LineIndex } from '#server/text/lines.js';
import { problemText, readSettings, type Settings } from '#server/workspace/settings.js';
import { settingsData } from '#server/workspace/settings-file.js';

/**
 * Fixtures: manifests with the expected findings as marks in comments.
 *
 *     # settings: {"cni": "calico"}             optional, on the first line: as JSON, what .netpol.yaml would hold
 *     # file: policy.yaml                       a file of the workspace; without this line there is one, `policy.yaml`
 *           endPort: 80
 *     #              ^^ invalid-end-port: spec.ingress[0].ports[0].endPort: the range ends
 *     # file: base/workloads.yaml
 *     ---                                       a `---` right below a section line, and a blank line right above one,
 *     ...                                       only set sections apart: they are not part of a file
 *     # file: .netpol.yaml                      the configuration that counts; what is wrong with it is a finding, too
 *     # after fix "Remove endPort" (safe): policy.yaml the text of the file after the fix
 *
 * A mark stands below the line it is about (and below other marks of that line) and is taken out before netpol reads the
 * file. The carets are the exact range: a `#` in column 0, then blanks, then carets. A range that begins in column 0,
 * where the `#` hides it, is written `#<^^^`: `<` stands for columns 0 and 1. What cannot be drawn that way (an empty
 * range, one of two columns at the line's start) is written with numbers: `# @0-2 rule-id: message`, the end not included.
 * What follows is the rule's id and the beginning of the message. `#   ^^^ rule-id(info): ...` says the severity where it is
 * not the rule's own.
 *
 * Where more than one finding offers a fix of that title, the first is taken; `# after fix "TITLE" 2: NAME` takes the second.
 * Behind that stands in parentheses whether the fix is the preferred one, and whether it is safe: `(preferred, safe)`.
 * UPDATE_FIXTURES=1 rewrites marks and golden texts; a new golden text may be left empty. FIXTURES=and-or runs (and
 * rewrites) only fixtures with that in their name.
 */
export interface Fixture {
  readonly settings: Settings;
  readonly settingsLine: string | undefined;
  readonly sections: readonly Section[];
}

export type Section =
  | {
      readonly kind: 'file';
      readonly head: string | undefined;
      readonly name: string;
      readonly text: string;
      readonly marks: readonly Mark[];
    }
  | {
      readonly kind: 'golden';
      readonly head: string;
      readonly name: string;
      readonly title: string;
      readonly nth: number;
      /** What the fix is said to be: see `howOf`. */
      readonly how: string;
      readonly text: string;
    };

type Golden = Section & { readonly kind: 'golden' };

export interface Mark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly severity: string | undefined;
  readonly message: string;
}

export const folder = 'file:///fixture';
const configName = '.netpol.yaml';
const fileLine = /^# file: (\S+)\s*$/;
const goldenLine = /^# after fix "(.*)"(?: (\d+))?(?: \(([a-z, ]+)\))?: (\S+)\s*$/;
const markLine = /^#(?:(<\^*|[ \t]*\^+)| @(\d+)-(\d+)) ([a-z][a-z-]*)(?:\((\w+)\))?: ?(.*)$/;

export function parseFixture(text: string): Fixture {
  const lines = text.replace(/\n$/, '').split('\n');
  const settingsLine = lines[0]?.startsWith('# settings:') ? lines.shift() : undefined;
  const raw: { head: string | undefined; lines: string[] }[] = [{ head: undefined, lines: [] }];
  for (const line of lines) {
    if (!fileLine.test(line) && !goldenLine.test(line)) {
      raw.at(-1)?.lines.push(line);
      continue;
    }
    const before = raw.at(-1)?.lines ?? [];
    if (before.at(-1) === '') before.pop();
    raw.push({ head: line, lines: [] });
  }
  const sections = raw.filter(({ head, lines }) => head !== undefined || lines.length > 0).map(sectionOf);
  const config = sections.find((section) => section.kind === 'file' && section.name === configName)?.text;
  const data: unknown =
    config !== undefined
      ? settingsData(SourceFile.of(uriOf(configName), config))
      : settingsLine === undefined
        ? {}
        : JSON.parse(settingsLine.slice('# settings:'.length));
  const { settings, problems } = readSettings(data);
  if (problems.length > 0 && config === undefined)
    throw new Error(`The fixture's settings are wrong: ${problems.map(problemText).join(' ')}`);
  return { settings, settingsLine, sections };
}

function sectionOf({ head, lines }: { head: string | undefined; lines: readonly string[] }): Section {
  const golden = goldenLine.exec(head ?? '');
  const body = head !== undefined && lines[0] === '---' ? lines.slice(1) : lines;
  if (golden !== null && head !== undefined) {
    const [, title = '', nth, how = '', name = ''] = golden;
    return { kind: 'golden', head, name, title, nth: Number(nth ?? 1), how, text: joined(body) };
  }
  const kept: string[] = [];
  const marks: Mark[] = [];
  for (const line of body) {
    const match = markLine.exec(line);
    if (match === null) {
      kept.push(line);
      continue;
    }
    const [, carets, from, to, rule = '', severity, message = ''] = match;
    const start = carets === undefined ? Number(from) : carets.startsWith('<') ? 0 : 1 + carets.indexOf('^');
    const end = carets === undefined ? Number(to) : 1 + carets.length;
    marks.push({ line: kept.length - 1, start, end, rule, severity, message });
  }
  const name = fileLine.exec(head ?? '')?.[1] ?? 'policy.yaml';
  return { kind: 'file', head, name, text: joined(kept), marks };
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The manifests of a fixture by URI. */
export function filesOf(fixture: Fixture): ReadonlyMap<string, string> {
  const files = fixture.sections.filter((section) => section.kind === 'file');
  return new Map(files.map(({ name, text }) => [uriOf(name), text]));
}

export function uriOf(name: string): string {
  return `${folder}/${name}`;
}

export function nameOf(uri: string): string {
  return uri.slice(folder.length + 1);
}

/** A workspace in memory. */
export function open(files: ReadonlyMap<string, string>, settings: Settings): Promise<Netpol> {
  const provider = {
    list: async () => [...files.keys()],
    read: async (uri: string) => {
      const text = files.get(uri);
      return text === undefined ? { error: 'There is no such file.' } : { text };
    },
  };
  return Netpol.open(provider, [folder], settings);
}

/** Every finding of every file; throws when a rule did. */
export function allFindings(netpol: Netpol): readonly FileFinding[] {
  const found = [...netpol.workspace.files.keys()].flatMap((uri) => netpol.findings(uri));
  const crash = netpol.crashes[0];
  if (crash !== undefined) throw new Error(`The rule ${crash.rule} threw`, { cause: crash.error });
  return found;
}

/** A finding as a mark would say it. Throws for a range over several lines: it has to be a key or a value. */
export function markOf(finding: FileFinding, text: string): Mark {
  const lines = new LineIndex(text);
  const start = lines.positionAt(finding.range.start);
  const end = lines.positionAt(finding.range.end);
  if (start.line !== end.line) {
    throw new Error(
      `${finding.rule.id} marks lines ${start.line + 1} to ${end.line + 1}: a range must be a key or a value`,
    );
  }
  const { rule, severity, message } = finding;
  return { line: start.line, start: start.character, end: end.character, rule: rule.id, severity, message };
}

export function printMark({ start, end, rule, severity, message }: Mark, full = false): string {
  const drawn =
    start === end || (start === 0 && end < 3)
      ? ` @${start}-${end}`
      : start === 0
        ? `<${'^'.repeat(end - 2)}`
        : ' '.repeat(start - 1) + '^'.repeat(end - start);
  return `#${drawn} ${rule}${severity === undefined ? '' : `(${severity})`}: ${full ? message : shortened(message)}`;
}

function shortened(message: string): string {
  if (message.length <= 100) return message;
  return message.slice(0, message.lastIndexOf(' ', 100));
}

/** Whether one key takes the fix, and whether `--fix` does. */
export function howOf({ preferred, safe }: Pick<Fix, 'preferred' | 'safe'>): string {
  return [...(preferred ? ['preferred'] : []), ...(safe ? ['safe'] : [])].join(', ');
}

function printGolden({ title, nth, how, name }: Golden): string {
  return `# after fix "${title}"${nth > 1 ? ` ${nth}` : ''}${how === '' ? '' : ` (${how})`}: ${name}`;
}

/** Which marks and findings have no counterpart. */
export function compare(marks: readonly Mark[], found: readonly Mark[]): { missing: Mark[]; unexpected: Mark[] } {
  const unexpected = [...found];
  const missing = marks.filter((mark) => {
    const index = unexpected.findIndex((each) => answers(mark, each));
    if (index >= 0) unexpected.splice(index, 1);
    return index < 0;
  });
  return { missing, unexpected };
}

function answers(mark: Mark, found: Mark): boolean {
  return isSame(mark, found) && (mark.severity ?? ownSeverity(mark)) === (found.severity ?? ownSeverity(found));
}

function isSame(mark: Mark, found: Mark): boolean {
  return (
    mark.rule === found.rule &&
    mark.line === found.line &&
    mark.start === found.start &&
    mark.end === found.end &&
    found.message.startsWith(mark.message)
  );
}

function ownSeverity({ rule }: Mark): string | undefined {
  return rules.find(({ id }) => id === rule)?.severity;
}

/** The fixture's text with the marks and golden texts given; marks that still hold keep their words. */
export function printFixture(
  fixture: Fixture,
  found: ReadonlyMap<string, readonly Mark[]>,
  golden: (section: Golden) => Golden,
): string {
  const parts = fixture.sections.map((given) => {
    const section = given.kind === 'golden' ? golden(given) : given;
    const head = section.kind === 'golden' ? printGolden(section) : section.head;
    const text = section.kind === 'golden' ? section.text : withMarks(section, found.get(section.name) ?? []);
    const separated = head !== undefined && fixture.sections[0] !== given;
    return `${head === undefined ? '' : `${head}\n`}${separated ? '---\n' : ''}${text}`;
  });
  return `${fixture.settingsLine === undefined ? '' : `${fixture.settingsLine}\n`}${parts.join('')}`;
}

function withMarks(section: Section & { kind: 'file' }, found: readonly Mark[]): string {
  const lines = section.text.replace(/\n$/, '').split('\n');
  const out =
    section.text === '' ? [] : lines.flatMap((line, index) => [line, ...marksAt(index, section.marks, found)]);
  return joined(out);
}

function marksAt(line: number, old: readonly Mark[], found: readonly Mark[]): readonly string[] {
  return found
    .filter((mark) => mark.line === line)
    .map((mark) => {
      const kept = old.find((each) => isSame(each, mark));
      const severity = kept?.severity === undefined && mark.severity === ownSeverity(mark) ? undefined : mark.severity;
      return printMark({ ...(kept ?? mark), severity }, kept !== undefined);
    });
}

// A scenario from broken to fixed: each finding at its line, its quick fix, the text it writes, and the way back.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import { actionsAt, apply, diagnosticsWhere, hoverAt, open, textWhere, workspaceFile } from './waiting.ts';

export interface Scenario {
  readonly name: string;
  /** Below `workspace/scenarios`. */
  readonly folder: string;
  /** The files that may show findings, or get edits. */
  readonly files: readonly string[];
  /** The text of `.netpol.yaml` while it is played. */
  readonly configuration?: string;
  /** All findings of these files, mended one after the other. */
  readonly steps: readonly Step[];
  /** What hovers say in the end: file, place, and what must stand there. */
  readonly hovers?: readonly (readonly [string, string, readonly RegExp[]])[];
}

export interface Step {
  readonly file: string;
  readonly code: string;
  /** Counted from 1, and the text that is underlined there. */
  readonly line: number;
  readonly underlined: string;
  readonly severity?: 'Error' | 'Warning';
  readonly says: RegExp;
  readonly fix: string;
  /** The file that the fix edits, where it is not the one with the finding. */
  readonly edits?: string;
  /** The file's text after the fix. */
  after(before: string): string;
}

/** Plays it through; the files are in the end what they were in the beginning. */
export async function mend(scenario: Scenario): Promise<void> {
  const { folder, steps } = scenario;
  const edited: (readonly [string, string])[] = [];
  for (const [i, step] of steps.entries()) {
    await waitForFindings(scenario, steps.slice(i));
    const path = `scenarios/${folder}/${step.edits ?? step.file}`;
    const before = (await open(path)).document.getText();
    await takeFix(`scenarios/${folder}/${step.file}`, step);
    const { document } = await open(path);
    const wanted = step.after(before);
    expect(wanted !== before, `what "${step.fix}" should write stands there already`);
    // The edit is there at once: it has been waited for.
    expect(document.getText() === wanted, `"${step.fix}" has written:\n${document.getText()}`);
    edited.push([path, before]);
  }
  await waitForFindings(scenario, []);
  for (const [file, place, parts] of scenario.hovers ?? []) {
    const { document } = await open(`scenarios/${folder}/${file}`);
    const said = (await hoverAt(document, place)).replaceAll('\u00a0', ' ');
    for (const part of parts) expect(part.test(said), `${part} is not in the hover on "${place}": ${said}`);
  }
  for (const [path, before] of edited.reverse()) {
    const { document } = await open(path);
    await vscode.commands.executeCommand('undo');
    await textWhere(document, (text) => text === before);
  }
  await waitForFindings(scenario, steps);
  for (const file of scenario.files) {
    const { document } = await open(`scenarios/${folder}/${file}`);
    expect(!document.isDirty, `${file} differs from what is on disk`);
  }
}

/** Waits until the files show these findings and no others: a fix that brings a new one fails here. */
async function waitForFindings({ folder, files }: Scenario, steps: readonly Step[]): Promise<void> {
  for (const file of files) {
    const wanted = steps.filter((step) => step.file === file).map(shownAs);
    const { document } = await open(`scenarios/${folder}/${file}`);
    await diagnosticsWhere(document.uri, (all) => all.map(shown).sort().join() === wanted.sort().join());
  }
}

function shown({ code, range, severity }: vscode.Diagnostic): string {
  const rule = typeof code === 'object' ? code.value : code;
  return `${range.start.line + 1} ${rule} as ${vscode.DiagnosticSeverity[severity]}`;
}

function shownAs({ line, code, severity = 'Warning' }: Step): string {
  return `${line} ${code} as ${severity}`;
}

/** Checks the finding, takes its one preferred fix, and has it written. */
async function takeFix(path: string, step: Step): Promise<void> {
  const { document } = await open(path);
  const isFound = (each: vscode.Diagnostic) => shown(each) === shownAs(step);
  // A tab that another one has taken the place of lost its diagnostics: they come again.
  const found = (await diagnosticsWhere(document.uri, (all) => all.some(isFound))).find(isFound);
  expect(found !== undefined, `${step.code} is not on line ${step.line} of ${path}`);
  const underlined = document.getText(found.range);
  expect(underlined === step.underlined, `"${underlined}" is underlined`);
  expect(step.says.test(found.message), `${step.code} says: ${found.message}`);
  const preferred = (await actionsAt(document, found.range)).filter(({ isPreferred }) => isPreferred === true);
  const titles = preferred.map(({ title }) => title);
  expect(titles.join() === step.fix, `the preferred fixes are: ${titles.join(', ')}`);
  for (const action of preferred) await apply(action);
}

/** Plays with a configuration of the workspace folder, and takes it away. */
export async function withConfiguration(text: string, play: (file: vscode.Uri) => Promise<void>): Promise<void> {
  const file = workspaceFile('.netpol.yaml');
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  try {
    await play(file);
  } finally {
    await vscode.workspace.fs.delete(file);
  }
}

import { object, value } from '../kinds/field.js';
import { recordOf } from '../text/json-data.js';
import { checkSettings, type SettingsProblem } from './settings-check.js';

/** The hints that can be shown within a line. */
export const hintKinds = ['andOr', 'workloads', 'ports', 'defaults'] as const;
export type HintKind = (typeof hintKinds)[number];

/** What an editor shows: each person's own choice, and no part of what a workspace's `.netpol.yaml` says. */
export interface EditorSettings {
  readonly inlayHints: Readonly<Record<HintKind, boolean>>;
}

const shown = (doc: string) => value('boolean', doc, { default: true });

/** As `settingsFields`, for the settings that an editor alone has. */
export const editorFields = object('What the editor shows.', {
  inlayHints: object('Hints within the lines of a policy.', {
    andOr: shown('AND between the selectors of one peer, and OR between peers that could be mistaken for one.'),
    workloads: shown('How many workloads a selector chooses.'),
    ports: shown('The numbers that named ports stand for.'),
    defaults: shown('What counts where a field is left out or empty.'),
  }),
});

/** Reads them tolerantly: what is wrong is at its default. */
export function readEditorSettings(data: unknown): EditorSettings {
  const given = recordOf(recordOf(data).inlayHints);
  const read = (kind: HintKind) => given[kind] !== false;
  return {
    inlayHints: {
      andOr: read('andOr'),
      workloads: read('workloads'),
      ports: read('ports'),
      defaults: read('defaults'),
    },
  };
}

/** What is wrong with these settings. */
export function editorProblems(data: unknown): readonly SettingsProblem[] {
  const { inlayHints } = recordOf(data);
  return checkSettings(inlayHints === undefined ? {} : { inlayHints }, editorFields);
}

/** Problems of the settings that every shell has: those that an editor alone has are no unknown ones to it. */
export function withoutEditors(problems: readonly SettingsProblem[]): readonly SettingsProblem[] {
  return problems.filter(({ path: [first] }) => !Object.hasOwn(editorFields.fields, String(first)));
}

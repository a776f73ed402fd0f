import * as vscode from 'vscode';
import { chosenRow, settles } from './pick-choice.js';

/** An entry of a list; those without a value are separators. */
export interface Choice<T> extends vscode.QuickPickItem {
  value?: T;
}

/** The entry for a text that is typed: complete by itself (an address, a number of a port), or only perhaps what is meant. */
export interface Typed<T> {
  value: T;
  description: string;
  complete: boolean;
}

export interface Question<T> {
  title: string;
  step: number;
  totalSteps: number;
  placeholder: string;
  /** The first one is preselected. */
  choices: Promise<Choice<T>[]>;
  /** The entry for a text that is typed and is none of the labels; undefined for a text that means nothing. */
  typed(text: string): Typed<T> | undefined;
}

/**
 * Lets a person choose from a list, or type what is not in it. Undefined when they change their mind. Enter that is
 * pressed while the choices are still asked for counts as soon as they are there.
 */
export async function pickOrType<T>({ choices, typed, ...options }: Question<T>): Promise<T | undefined> {
  const list = vscode.window.createQuickPick<Choice<T>>();
  Object.assign(list, options, { matchOnDescription: true, busy: true });
  let listed: readonly Choice<T>[] | undefined;
  let typedRow: Choice<T> | undefined;
  let settled = false;
  let accepted = false;
  try {
    return await new Promise<T | undefined>((resolve, reject) => {
      const rows = () => (listed ?? []).filter(({ value }) => value !== undefined);
      const entered = () => {
        const text = list.value.trim();
        return { text, listed: rows(), typed: text === '' ? undefined : typed(text) };
      };
      const accept = () => {
        accepted = true;
        if (listed === undefined) return;
        const [row] = list.activeItems;
        const active = row === undefined ? undefined : row === typedRow ? 'typed' : row;
        const value = chosenRow({ ...entered(), active, settled })?.value;
        if (value !== undefined) resolve(value);
      };
      const show = () => {
        settled = false;
        if (listed === undefined) return;
        const { text, typed: own } = entered();
        const isListed = listed.some(({ label }) => label === text);
        typedRow = own === undefined || isListed ? undefined : rowOf(text, own);
        list.items = typedRow === undefined ? listed : [...listed, typedRow];
      };
      list.onDidAccept(accept);
      list.onDidHide(() => resolve(undefined));
      list.onDidChangeValue(show);
      list.onDidChangeActive(([row]) => {
        if (row !== undefined) settled ||= settles(entered(), row === typedRow ? 'typed' : row);
      });
      list.show();
      choices.then((all) => {
        listed = all;
        list.busy = false;
        show();
        if (accepted) accept();
      }, reject);
    });
  } finally {
    list.dispose();
  }
}

/**
 * The list puts rows whose label begins with the text before all others, and rows whose label has nothing of it last: what
 * is complete has the text as its label, what may be meant otherwise has none.
 */
function rowOf<T>(text: string, { description, complete, value }: Typed<T>): Choice<T> {
  return complete
    ? { label: text, description, value, alwaysShow: true }
    : { label: '$(edit)', description: `${text} · ${description}`, value, alwaysShow: true };
}

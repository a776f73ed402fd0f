import * as vscode from 'vscode';

/** An entry of a list; those without a value are separators. */
export interface Choice<T> extends vscode.QuickPickItem {
  value?: T;
}

export interface Question<T> {
  title: string;
  step: number;
  totalSteps: number;
  placeholder: string;
  /** The first one is preselected. */
  choices: Promise<Choice<T>[]>;
  /** The entry for a text that is typed and is none of the labels; undefined for a text that means nothing. */
  typed(text: string): Choice<T> | undefined;
}

/** Lets a person choose from a list, or type what is not in it. Undefined when they change their mind. */
export async function pickOrType<T>({ choices, typed, ...options }: Question<T>): Promise<T | undefined> {
  const list = vscode.window.createQuickPick<Choice<T>>();
  Object.assign(list, options, { matchOnDescription: true, busy: true });
  const answer = new Promise<T | undefined>((resolve) => {
    list.onDidAccept(() => {
      const value = list.activeItems[0]?.value;
      if (value !== undefined) resolve(value);
    });
    list.onDidHide(() => resolve(undefined));
  });
  list.show();
  try {
    const listed = await choices;
    const show = (text: string) => {
      const written = text === '' || listed.some(({ label }) => label === text) ? undefined : typed(text);
      list.items = written === undefined ? listed : [...listed, { ...written, alwaysShow: true }];
    };
    list.onDidChangeValue((text) => show(text.trim()));
    show(list.value.trim());
    list.busy = false;
    return await answer;
  } finally {
    list.dispose();
  }
}

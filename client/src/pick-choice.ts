/** What is chosen when Enter is pressed in a list in which one can also type: worked out from the text, not from the screen. */

/** A row as far as the choice depends on it. */
export interface Row {
  readonly label: string;
  readonly description?: string;
}

/** The row for what is typed. One that is complete by itself, such as an address, goes before rows that only hold it. */
export interface TypedRow {
  readonly complete: boolean;
}

export interface Entered<R extends Row, T extends TypedRow> {
  /** What stands in the box now, trimmed. */
  readonly text: string;
  readonly listed: readonly R[];
  /** The row for this text; undefined where the text means nothing. */
  readonly typed: T | undefined;
  /** What the list shows as chosen, perhaps still for an earlier text: a listed row, or the typed one. */
  readonly active: R | 'typed' | undefined;
  /** The list has shown the first choice for this text: what is active since then is what the person wants. */
  readonly settled: boolean;
}

/**
 * Rows come to the list later than keys. Where the list shows an answer to another text than the one in the box, the text
 * decides: the row of that name, then what is complete as typed, then the first row that holds the text.
 */
export function chosenRow<R extends Row, T extends TypedRow>(entered: Entered<R, T>): R | T | undefined {
  const { text, typed, active, settled } = entered;
  const expected = firstChoice(entered);
  if (active === undefined) return expected;
  if (active === 'typed') return settled ? (typed ?? expected) : expected;
  if (settled || text === '') return active;
  const isRight = holds(active, text) && !(typed?.complete === true && expected === typed);
  return isRight ? active : expected;
}

/** What the list shows first for a text. */
export function firstChoice<R extends Row, T extends TypedRow>({
  text,
  listed,
  typed,
}: Pick<Entered<R, T>, 'text' | 'listed' | 'typed'>): R | T | undefined {
  if (text === '') return listed[0];
  const exact = listed.find(({ label }) => label === text);
  if (exact !== undefined) return exact;
  if (typed?.complete === true) return typed;
  return (
    listed.find(({ label }) => includes(label, text)) ??
    listed.find(({ description = '' }) => includes(description, text)) ??
    typed
  );
}

/** Whether the list, with this row active, shows an answer to the text: what is active from then on has been chosen. */
export function settles<R extends Row, T extends TypedRow>(
  entered: Pick<Entered<R, T>, 'text' | 'listed' | 'typed'>,
  active: R | 'typed',
): boolean {
  const first = firstChoice(entered);
  if (active === 'typed') return first === entered.typed;
  // The list may put another row that holds the text first than we do.
  return first === active || (first !== entered.typed && holds(active, entered.text));
}

function holds({ label, description = '' }: Row, text: string): boolean {
  return includes(label, text) || includes(description, text);
}

function includes(where: string, text: string): boolean {
  return where.toLowerCase().includes(text.toLowerCase());
}

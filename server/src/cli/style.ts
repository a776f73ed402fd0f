import type { TextStyle } from '../features/hover/effective-text.js';

/** Colours for a terminal. Source of the switches: no-color.org and FORCE_COLOR as Node reads it. */
export interface Style extends TextStyle {
  error(text: string): string;
  info(text: string): string;
  hint(text: string): string;
}

export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const colour =
    (env.NO_COLOR === undefined || env.NO_COLOR === '') && (forced || (stream.isTTY === true && env.TERM !== 'dumb'));
  const paint = (code: string) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: paint('1'),
    dim: paint('2'),
    warn: paint('33'),
    error: paint('31'),
    info: paint('36'),
    hint: paint('2'),
  };
}

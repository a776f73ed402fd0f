import { renderFlow, type YamlData } from '../../text/render.js';

/**
 * A piece of YAML with tab stops, from which a snippet or plain text is made. A string is written as it stands; `<>` in it
 * is a tab stop, `<8080>` one with a default, `<TCP|UDP>` one with a choice. The key '' is a line of its own without a key.
 */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

/** How the YAML around is written. */
export interface ShapeStyle {
  /** Spaces for each level. */
  readonly indent: number;
  /** Lists in maps stand deeper than their key. */
  readonly indentSequences: boolean;
}

/** The lines of some entries of a map, from column 0. */
export function entryLines(entries: { readonly [key: string]: Shape }, style: ShapeStyle): readonly string[] {
  return Object.entries(entries).flatMap(([key, shape]) => {
    if (key === '') return typeof shape === 'string' ? [shape] : blockLines(shape, style);
    if (typeof shape === 'string') return [shape === '' ? `${key}:` : `${key}: ${shape}`];
    const depth = isList(shape) && !style.indentSequences ? 0 : style.indent;
    return [`${key}:`, ...blockLines(shape, style).map((line) => ' '.repeat(depth) + line)];
  });
}

function blockLines(shape: Shape, style: ShapeStyle): readonly string[] {
  if (typeof shape === 'string') return [shape];
  if (!isList(shape)) return entryLines(shape, style);
  return shape.flatMap((item) => blockLines(item, style).map((line, i) => (i === 0 ? '- ' : '  ') + line));
}

/** The same within braces. */
export function entriesInFlow(entries: { readonly [key: string]: Shape }): string {
  return Object.entries(entries)
    .map(([key, shape]) => (key === '' ? inFlow(shape) : `${key}: ${inFlow(shape)}`))
    .join(', ');
}

function inFlow(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  return isList(shape) ? `[${shape.map(inFlow).join(', ')}]` : `{${entriesInFlow(shape)}}`;
}

/** A map's data as entries without tab stops. */
export function entriesOf(data: YamlData): { readonly [key: string]: Shape } {
  const shape = shapeOf(data);
  return typeof shape === 'string' || isList(shape) ? {} : shape;
}

/** Data without tab stops. */
export function shapeOf(data: YamlData): Shape {
  if (typeof data !== 'object' || data === null || Object.keys(data).length === 0) return renderFlow(data, {});
  if (Array.isArray(data)) return data.map(shapeOf);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, shapeOf(value)]));
}

const stop = /<([^<>]*)>/;

/** Where the cursor comes to stand first, nothing is written yet. */
export function beginsEmpty(text: string): boolean {
  return stop.exec(text)?.[1] === '';
}

/** Text of a shape in the syntax of snippets. */
export function asSnippet(text: string): string {
  let number = 0;
  return text
    .split(/(<[^<>]*>)/)
    .map((part) => {
      const inner = stop.exec(part)?.[1];
      if (inner === undefined) return part.replace(/[\\$}]/g, '\\$&');
      number++;
      if (inner === '') return `$${number}`;
      const options = inner.split('|').map((each) => each.replace(/[\\$},|]/g, '\\$&'));
      return options.length > 1 ? `\${${number}|${options.join(',')}|}` : `\${${number}:${options.join('')}}`;
    })
    .join('');
}

/**
 * For clients without snippets: with the defaults, as far as the first place where something has to be typed; `whole`
 * where brackets would be left open.
 */
export function asPlainText(text: string, whole = isOpenAtStop(text)): string {
  const [upToThere = ''] = whole ? [text.replaceAll('<>', '')] : text.split('<>');
  return upToThere.replace(new RegExp(stop, 'g'), (_, inner: string) => inner.split('|')[0] ?? '');
}

/** Whether a tab stop without a default stands in brackets that begin before it. */
function isOpenAtStop(text: string): boolean {
  let isOpen = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '[' || sign === '{') isOpen = true;
    else if (sign === ']' || sign === '}') isOpen = false;
    else if (isOpen && sign === '<' && text[at + 1] === '>') return true;
  }
  return false;
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

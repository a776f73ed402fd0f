import { readsAsOther } from './scalars.js';

/** Plain data to be written as YAML or JSON. */
export type YamlData = string | number | boolean | null | readonly YamlData[] | { readonly [key: string]: YamlData };

export interface RenderOptions {
  /** Spaces for each level. */
  readonly indent?: number;
  readonly eol?: string;
  /** Lists in maps stand deeper than their key. */
  readonly indentSequences?: boolean;
  /** For strings that need quotes. */
  readonly quote?: '"' | "'";
}

/** Data as block YAML, with a line break at its end. Strings that a YAML reader would take for something else are quoted. */
export function renderYaml(data: YamlData, options: RenderOptions = {}): string {
  const eol = options.eol ?? '\n';
  return renderBlock(data, options).join(eol) + eol;
}

/** Data as lines of block YAML that begin in column 0. */
export function renderBlock(data: YamlData, options: RenderOptions): string[] {
  if (isList(data) && data.length > 0) {
    return data.flatMap((item) => hang('- ', renderBlock(item, options)));
  }
  if (isRecord(data) && Object.keys(data).length > 0) {
    return Object.entries(data).flatMap(([key, value]) => renderEntry(key, value, options));
  }
  return [renderFlow(data, options)];
}

/** A key and its value as lines of block YAML that begin in column 0. */
export function renderEntry(key: string, value: YamlData, options: RenderOptions): string[] {
  const name = renderKey(key, options.quote ?? '"', false);
  if (isEmptyOrScalar(value)) return [`${name}: ${renderFlow(value, options)}`];
  const inner = renderBlock(value, options);
  const depth = isList(value) && options.indentSequences === false ? 0 : (options.indent ?? 2);
  return [`${name}:`, ...inner.map((line) => ' '.repeat(depth) + line)];
}

/** Data on one line, as flow YAML; `inFlow` when it goes within brackets, where a plain scalar must not hold any. */
export function renderFlow(data: YamlData, options: RenderOptions, inFlow = false): string {
  const quote = options.quote ?? '"';
  if (isList(data)) return `[${data.map((item) => renderFlow(item, options, true)).join(', ')}]`;
  if (!isRecord(data)) return renderScalar(data, quote, inFlow);
  const entries = Object.entries(data).map(
    ([key, value]) => `${renderKey(key, quote, true)}: ${renderFlow(value, options, true)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** A scalar without style of its own: plain where that reads back as the same value, else quoted. */
export function renderScalar(value: string | number | boolean | null, quote: '"' | "'", inFlow: boolean): string {
  if (typeof value === 'number') return renderNumber(value);
  if (typeof value !== 'string') return String(value);
  return isPlain(value, inFlow) ? value : quoted(value, quote);
}

export function renderKey(key: string, quote: '"' | "'", inFlow: boolean): string {
  return key === '<<' || !isPlain(key, inFlow) ? quoted(key, quote) : key;
}

/**
 * A string in quotes; in double ones where single ones cannot hold it. Two opening braces are escaped, so that no template
 * engine, nor our own reader, takes the text for an action.
 */
export function quoted(value: string, quote: '"' | "'"): string {
  const plain = /^[\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue001-\ufefe\uff00-\ufffd]*$/.test(value);
  if (quote === "'" && plain && !value.includes('{{')) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value)
    .replaceAll('{{', '{\\u007b')
    .replace(
      /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ue000]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** Lines with a mark before the first and as much space before the others. */
function hang(mark: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + line);
}

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
  return String(value);
}

/** Plain scalars are kept to texts that no reader, of YAML 1.1 or 1.2, in block or flow, takes for anything else. */
function isPlain(text: string, inFlow: boolean): boolean {
  if (readsAsOther(text) || text === '=' || /^(?:\d{4}-\d\d?-\d\d?|[-+]?\d[\d_]*:[0-5]?\d)/.test(text)) return false;
  if (
    !/^[\x21-\x7e\xa1-\ud7ff\uf900-\ufefe\uff00-\uffef](?:[\x20-\x7e\xa1-\ud7ff\uf900-\ufefe\uff00-\uffef]*[^\s])?$/.test(
      text,
    )
  )
    return false;
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) || /: |:$| #|[\u2028\u2029]/.test(text) || text.startsWith('...'))
    return false;
  if (text.includes('{{') || text.includes('}}')) return false;
  return !inFlow || !/[,[\]{}:]/.test(text);
}

function isEmptyOrScalar(data: YamlData): boolean {
  return typeof data !== 'object' || data === null || Object.keys(data).length === 0;
}

function isList(data: YamlData): data is readonly YamlData[] {
  return Array.isArray(data);
}

function isRecord(data: YamlData): data is { readonly [key: string]: YamlData } {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

import { textBefore } from './columns.js';
import { quoted, renderFlow, renderKey, type YamlData } from './render.js';
import type { Site } from './site.js';
import type { YamlMap } from './tree.js';

/** Data as it is written within the brackets of a place: as JSON where the place is JSON, else as flow YAML on one line. */
export function flowValue(site: Site, data: YamlData): string {
  return site.style.json ? jsonText(site, data) : renderFlow(data, site.style, true);
}

/** A key and its value for a map in brackets, with the key quoted as the map's other keys are. */
export function flowEntry(site: Site, map: YamlMap, key: string, data: YamlData): string {
  const { style } = site;
  const allQuoted = map.entries.length > 0 && map.entries.every((entry) => entry.key.style === 'double');
  const name = style.json || allQuoted ? quoted(key, '"') : renderKey(key, style.quote, true);
  return `${name}: ${flowValue(site, data)}`;
}

/** JSON over several lines where the document has several, continuing the indentation of the node's parts. */
function jsonText({ text, node, style }: Site, data: YamlData): string {
  const step = /[\r\n]([ \t]+)\S/.exec(text)?.[1];
  if (step === undefined) return JSON.stringify(data);
  const parts = node.kind === 'scalar' ? [] : node.kind === 'map' ? node.entries : node.items;
  const first = parts[0]?.range.start ?? node.range.start;
  const base = /^[ \t]*/.exec(textBefore(text, first))?.[0] ?? '';
  return JSON.stringify(data, null, step).replaceAll('\n', style.eol + base);
}

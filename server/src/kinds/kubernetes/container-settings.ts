import { maySayHost, settingsIn } from '../../model/hosts.js';
import {
  type Config,
  type ConfigEntry,
  type ConfigUse,
  type ContainerSettings,
  fitting,
  type Setting,
} from '../../model/setting.js';
import { isNull, type Span, spanOf, stringOf, valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';

/**
 * What containers are told by variables, arguments and ConfigMaps, of the settings that may name a host; containers without
 * any are left out. Secrets are not read, and of each container no more than 100,000 characters.
 * Source: k8s.io/api core/v1 Container (env, envFrom, command, args), Volume (configMap, projected).
 */
export function readSettings(spec: YamlNode | undefined, containers: readonly YamlMap[]): readonly ContainerSettings[] {
  const files = filesOf(spec);
  const found = containers.flatMap((container): readonly ContainerSettings[] => {
    const variables: Setting[] = [];
    const uses: ConfigUse[] = [...mountsOf(container, files)];
    const fits = fitting(mostText);
    for (const variable of mapsIn(valueAt(container, 'env'))) {
      const name = stringOf(valueAt(variable, 'name')) ?? '';
      const node = valueAt(variable, 'value');
      const text = textOf(node);
      if (node !== undefined && text !== undefined && fits(name + text) && maySayHost(name, text)) {
        variables.push({ name, text, at: spanOf(node) });
      }
      const reference = valueAt(valueAt(variable, 'valueFrom'), 'configMapKeyRef');
      const key = stringOf(valueAt(reference, 'key'));
      if (key !== undefined) uses.push(...useOf(reference, [key], { kind: 'variable', name }));
    }
    for (const source of mapsIn(valueAt(container, 'envFrom'))) {
      const prefix = stringOf(valueAt(source, 'prefix')) ?? '';
      uses.push(...useOf(valueAt(source, 'configMapRef'), undefined, { kind: 'variables', prefix }));
    }
    const command = [...strings(valueAt(container, 'command')), ...strings(valueAt(container, 'args'))];
    const words = wordsOf(command.filter((word) => fits(textOf(word) ?? '')));
    return variables.length + words.length + uses.length === 0 ? [] : [{ variables, words, uses }];
  });
  return found.length === 0 ? none : found;
}

const none: readonly ContainerSettings[] = [];

/** The volumes that are filled from ConfigMaps. */
function filesOf(spec: YamlNode | undefined): ReadonlyMap<string, readonly ConfigUse[]> {
  const found = new Map<string, readonly ConfigUse[]>();
  for (const volume of mapsIn(valueAt(spec, 'volumes'))) {
    const sources = [volume, ...mapsIn(valueAt(valueAt(volume, 'projected'), 'sources'))];
    const uses = sources.flatMap((source) => {
      const reference = valueAt(source, 'configMap');
      const keys = mapsIn(valueAt(reference, 'items')).flatMap((item) => stringOf(valueAt(item, 'key')) ?? []);
      return useOf(reference, keys.length === 0 ? undefined : keys, { kind: 'files' });
    });
    const name = stringOf(valueAt(volume, 'name'));
    if (name !== undefined && uses.length > 0) found.set(name, uses);
  }
  return found;
}

function mountsOf(container: YamlMap, files: ReadonlyMap<string, readonly ConfigUse[]>): readonly ConfigUse[] {
  if (files.size === 0) return [];
  const mounted = mapsIn(valueAt(container, 'volumeMounts')).map((mount) => stringOf(valueAt(mount, 'name')) ?? '');
  return [...new Set(mounted)].flatMap((name) => files.get(name) ?? []);
}

function useOf(reference: YamlNode | undefined, keys: ConfigUse['keys'], as: ConfigUse['as']): readonly ConfigUse[] {
  const node = valueAt(reference, 'name');
  const config = stringOf(node);
  return node === undefined || config === undefined ? [] : [{ config, keys, as, at: spanOf(node) }];
}

/** What clients of databases and of HTTP call these. */
const shortFlags: Readonly<Record<string, string>> = { h: 'host', p: 'port' };

/** The words of a command line: a flag has its value behind `=` or as the next word; a script has flags within. */
function wordsOf(words: readonly YamlNode[]): readonly Setting[] {
  const found: Setting[] = [];
  let flag = '';
  for (const node of words) {
    const text = textOf(node) ?? '';
    const at = spanOf(node);
    const [, name, value] = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (name !== undefined && value === undefined) {
      flag = shortFlags[name] ?? (name.length > 1 ? name : '');
      continue;
    }
    const settings = name === undefined ? [{ name: flag, text }, ...inScript(text)] : [{ name, text: value ?? '' }];
    for (const each of settings) if (maySayHost(each.name, each.text)) found.push({ ...each, at });
    flag = '';
  }
  return found;
}

function inScript(text: string): ReturnType<typeof settingsIn> {
  return /\s/.test(text) ? settingsIn(text) : [];
}

/** The maps of a list; none for any other node. */
export function mapsIn(node: YamlNode | undefined): readonly YamlMap[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.map((item) => item.value).filter((item) => item.kind === 'map');
}

function strings(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'sequence' ? node.items.map(({ value }) => value) : [];
}

/** A value as text: people write ports without quotes. */
function textOf(node: YamlNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.opaque || isNull(node)) return undefined;
  return String(node.value);
}

/** What is read of one container or ConfigMap: many times what settings need, and little enough where a file is hostile. */
const mostText = 100_000;

/** What the data of a ConfigMap says, as far as it may name hosts, in its first 100,000 characters; undefined without a name. */
export function readConfig(node: YamlMap): Config | undefined {
  const metadata = valueAt(node, 'metadata');
  const nameNode = valueAt(metadata, 'name');
  const name = stringOf(nameNode);
  if (nameNode === undefined || name === undefined) return undefined;
  const data = valueAt(node, 'data');
  const entries = data?.kind === 'map' ? data.entries : [];
  const fits = fitting(mostText);
  return {
    name,
    namespace: stringOf(valueAt(metadata, 'namespace')),
    entries: entries.flatMap(({ key, value }) => {
      const [name, text] = [String(key.value), textOf(value)];
      return text !== undefined && fits(name + text) ? entryOf(name, text, value) : [];
    }),
    at: spanOf(nameNode),
  };
}

function entryOf(key: string, text: string, node: YamlNode): readonly ConfigEntry[] {
  const file = text.trimEnd().includes('\n');
  const settings = file ? [...linesOf(text, spanOf(node))] : [{ name: key, text: text.trim(), at: spanOf(node) }];
  const kept = settings.filter((setting) => maySayHost(setting.name, setting.text));
  return kept.length === 0 ? [] : [{ key, file, settings: kept }];
}

/** A search that fails reads all of the text: where that happens often, lines have no places of their own. */
const mostMissing = 20;

/** Lines of a configuration file, without comments: `key = value`, `key: value`, `key value`. */
function* linesOf(text: string, whole: Span): Iterable<Setting> {
  const source = whole.document.text.slice(whole.range.start, whole.range.end);
  let from = 0;
  let missing = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    // A line of a block stands in the source as it is; a folded or escaped one may not.
    const at = missing > mostMissing ? -1 : source.indexOf(trimmed, from);
    if (at < 0) missing++;
    else from = at + trimmed.length;
    if (/^(#|\/\/|;|--|\*|<!--)/.test(trimmed)) continue;
    const [, name = '', sign, value = ''] =
      /^-?\s*["']?([A-Za-z][\w.-]*)["']?\s*([:=](?!\/\/)|\s)\s*(.*)$/.exec(trimmed) ?? [];
    const start = whole.range.start + at;
    const range = at < 0 ? whole.range : { start, end: start + trimmed.length };
    const said = (sign?.trim() ? value : trimmed).replace(/\s#.*$/, '').replace(/^["'](.*?)["'],?$|,$/, '$1');
    yield { name, text: said, at: { ...whole, range } };
  }
}

// What VS Code shows of package.json and of the client in the language of its user: texts are moved from package.json to
// package.nls.json, and those of `vscode.l10n.t` are collected into l10n/bundle.l10n.json. A translation is a file beside
// each of them: package.nls.de.json, l10n/bundle.l10n.de.json.

/** Keys of package.json whose texts people read. `name` is one only of a view. */
const read = new Set([
  ...['displayName', 'description', 'markdownDescription', 'title', 'shortTitle', 'label', 'contents', 'altText'],
  ...['enumDescriptions', 'markdownEnumDescriptions', 'patternErrorMessage', 'deprecationMessage', 'tooltip'],
]);
const shownParts = ['displayName', 'description', 'capabilities', 'contributes'];

/** A manifest with keys in place of its texts, and the texts by these keys. `known` are those of keys that stand there. */
export function localised(manifest, known) {
  const strings = {};
  const walk = (value, path, isText, names = []) => {
    if (typeof value === 'string') return isText ? keyed(value, path) : value;
    if (Array.isArray(value))
      return value.map((each, i) => walk(each, [...path, names[i] ?? nameOf(each) ?? i], isText));
    if (typeof value !== 'object' || value === null) return value;
    const isView = path[1] === 'views';
    // Below `properties` and `propertyNames` keys are names of settings, not of ours.
    const isNames = path.at(-1) === 'properties';
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        walk(
          each,
          [...path, key],
          !isNames && (read.has(key) || (isView && key === 'name')),
          // What is said of a value is called after the value.
          /numDescriptions$/.test(key) ? value.enum : [],
        ),
      ]),
    );
  };
  const keyed = (value, path) => {
    const [, key] = /^%([^%\s]+)%$/.exec(value) ?? [];
    if (key !== undefined && known[key] === undefined) throw new Error(`package.nls.json has no ${key}`);
    const own = path.filter((step) => !['contributes', 'properties'].includes(step)).join('.');
    if (own in strings) throw new Error(`package.json has two texts that would be called ${own}`);
    strings[own] = key === undefined ? value : known[key];
    return `%${own}%`;
  };
  const entries = Object.entries(manifest).map(([key, value]) => [
    key,
    shownParts.includes(key) ? walk(value, [key], read.has(key)) : value,
  ]);
  return { manifest: Object.fromEntries(entries), strings };
}

/** What an entry of a list is called, so that its key stays the same when others come before it. */
function nameOf(entry) {
  if (typeof entry !== 'object' || entry === null) return undefined;
  return entry.command ?? entry.id ?? (entry.contents === undefined ? undefined : welcomeName(entry));
}

function welcomeName({ view, when = 'always' }) {
  return `${view}-${when.replaceAll('!', 'not-').replaceAll(/[^A-Za-z]+/g, '-')}`;
}

/**
 * The texts that a client's source gives to `vscode.l10n.t`, in the order of the alphabet. Throws where one is not written
 * out: what is put together cannot be translated.
 */
export function clientStrings(sources) {
  const found = new Set();
  for (const [path, source] of sources) {
    // A file with many texts may say `const { t } = vscode.l10n`.
    const calls = /\{ t \} = vscode\.l10n/.test(source) ? /(?<![\w.])(?:l10n\.)?t\(/g : /\bl10n\.t\(/g;
    for (const { index, 0: call } of source.matchAll(calls)) {
      const rest = source.slice(index + call.length).trimStart();
      const [literal] = /^'(?:[^'\\\n]|\\.)*'|^"(?:[^"\\\n]|\\.)*"/.exec(rest) ?? [];
      if (literal === undefined || /\\(?!['"])/.test(literal)) {
        const line = source.slice(0, index).split('\n').length;
        throw new Error(`${path}:${line}: l10n.t takes its text as one literal, with {0} for what is put in`);
      }
      found.add(literal.slice(1, -1).replaceAll(/\\(['"])/g, '$1'));
    }
  }
  return Object.fromEntries([...found].sort().map((text) => [text, text]));
}

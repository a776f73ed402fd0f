import { stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { URI } from 'vscode-uri';
import { nodeFiles, pathOf, reasonOf } from '../host/node-files.js';
import { Netpol } from '../service.js';
import { toData } from '../text/data.js';
import { SourceFile } from '../text/file.js';
import { LineIndex } from '../text/lines.js';
import type { FileProvider } from '../workspace/files.js';
import { isBelow, keyOf } from '../workspace/files.js';
import { leftOut, matcher } from '../workspace/patterns.js';
import { knownOr } from '../workspace/per-list.js';
import { problemText, readSettings, type Settings } from '../workspace/settings.js';
import { placeOfProblem } from '../workspace/settings-file.js';
import { renderCharts } from './helm.js';
import type { Progress } from './progress.js';

/** What keeps a command from running at all: bad usage, an unreadable path. One clear line; exit status 2. */
export class CannotRun extends Error {}

/** The manifests a command was asked about. */
export interface Input {
  readonly netpol: Netpol;
  /** The URIs to report on, in order. */
  readonly uris: readonly string[];
  /** Those that were named one by one: files, and standard input. */
  readonly named: readonly string[];
  /** A URI as a person would write the path from here. */
  show(uri: string): string;
}

export const stdinUri = 'stdin:/standard-input.yaml';

/**
 * Reads files, folders and `-` (standard input). A file is judged by itself and the others that are named, not by what
 * lies beside it on the disk.
 */
export async function readInput(
  paths: readonly string[],
  options: {
    readonly cwd: string;
    readonly stdin: () => Promise<string>;
    readonly settings?: unknown;
    readonly progress?: Progress;
    /** The helm that renders charts. */
    readonly helm?: string;
    readonly err?: (text: string) => void;
  },
): Promise<Input> {
  const wanted = paths.length === 0 ? ['.'] : paths;
  const folders: string[] = [];
  const files: string[] = [];
  let piped: string | undefined;
  for (const path of wanted) {
    if (path === '-') {
      piped = await options.stdin();
      continue;
    }
    const absolute = resolve(options.cwd, path);
    const found = await stat(absolute).catch((error: unknown) => {
      throw new CannotRun(`${path}: ${reasonOf(error)}`);
    });
    (found.isDirectory() ? folders : files).push(URI.file(absolute).toString().replace(/\/$/, ''));
  }
  const { settings, home } = await settingsFor(folders, options);
  const disk = nodeFiles('at once', (uri) => files.includes(uri));
  const provider = named(home === undefined ? disk : toldFrom(home, settings, disk), folders, files, piped);
  const roots = [...folders, ...files.map((uri) => URI.file(dirname(pathOf(uri))).toString())];
  const netpol = new Netpol(provider, [...new Set([...roots, ...(piped === undefined ? [] : ['stdin:'])])], settings);
  await netpol.workspace.load(undefined, (done, all) => options.progress?.say(`${done} of ${all} files read`));
  options.progress?.done();
  const unreadable = netpol.workspace.unread.find(({ uri }) => files.includes(uri) || folders.includes(uri));
  if (unreadable !== undefined) throw new CannotRun(`${show(unreadable.uri, options.cwd)}: ${unreadable.reason}`);
  const { helm, err = () => {} } = options;
  const shown = new Map<string, string>();
  if (helm !== undefined) await renderCharts(netpol, helm, err, (uri) => show(uri, options.cwd));
  return {
    netpol,
    uris: [...netpol.workspace.files.keys()].sort(),
    named: [...files.map(keyOf), ...(piped === undefined ? [] : [stdinUri])],
    // Asked for each place of each finding.
    show: (uri) => knownOr(shown, uri, () => show(uri, options.cwd)),
  };
}

function show(uri: string, cwd: string): string {
  if (uri === stdinUri) return '<stdin>';
  const path = relative(cwd, pathOf(uri));
  return path.startsWith('..') ? pathOf(uri) : path;
}

/** Lists only what was named: whole folders, single files, the pipe. */
function named(
  disk: FileProvider,
  folders: readonly string[],
  files: readonly string[],
  piped: string | undefined,
): FileProvider {
  return {
    async list(folder, exclude) {
      if (folder === 'stdin:') return [stdinUri];
      const own = files.filter((uri) => isBelow(uri, folder));
      return folders.includes(folder) ? [...(await disk.list(folder, exclude)), ...own] : own;
    },
    read: async (uri) => (uri === stdinUri ? { text: piped ?? '' } : disk.read(uri)),
  };
}

/**
 * A disk that leaves out of a folder what the configuration of a folder further up leaves out. What leaves out the folder
 * as a whole does not count: it was named.
 */
function toldFrom(home: string, { include, exclude }: Settings, disk: FileProvider): FileProvider {
  return {
    ...disk,
    async list(folder, patterns) {
      if (!isBelow(folder, home)) return disk.list(folder, patterns);
      const below = exclude.filter((each) => !matcher([each], home)(`${folder}/x`));
      const isLeftOut = matcher(leftOut({ include, exclude: below }), home);
      return (await disk.list(folder, [])).filter((uri) => !isLeftOut(uri));
    },
  };
}

/** The settings of the folder a command is run from. */
export async function settingsOf(cwd: string): Promise<Settings> {
  return (await settingsFor([], { cwd })).settings;
}

interface FoundSettings {
  readonly settings: Settings;
  /** The folder of the file that says them. */
  readonly home?: string;
}

async function settingsFor(
  folders: readonly string[],
  options: { readonly cwd: string; readonly settings?: unknown },
): Promise<FoundSettings> {
  if (options.settings !== undefined) return { settings: readSettings(options.settings).settings };
  // The folder that is asked about, else the one the command is run from: `netpol check deploy` in a repository's root.
  for (const folder of [...folders.slice(0, 1), URI.file(options.cwd).toString().replace(/\/$/, '')]) {
    const uri = `${folder}/.netpol.yaml`;
    const content = await nodeFiles().read(uri);
    if ('error' in content) continue;
    const document = SourceFile.of(uri, content.text).documents[0]?.document;
    const [broken] = document?.problems ?? [];
    if (broken !== undefined) throw new CannotRun(`${show(uri, options.cwd)} is not YAML: ${broken.message}`);
    const { settings, problems } = readSettings(toData(document?.root));
    if (document === undefined || problems.length === 0) {
      return {
        settings: { ...settings, scopes: settings.scopes.map((each) => ({ ...each, from: folder })) },
        home: folder,
      };
    }
    const lines = new LineIndex(document.text);
    const said = problems.slice(0, 3).map((problem) => {
      const line = lines.positionAt(placeOfProblem(document, problem)?.range.start ?? 0).line + 1;
      return `${show(uri, options.cwd)}:${line}: ${problemText(problem)}`;
    });
    const more = problems.length > 3 ? ` And ${problems.length - 3} more.` : '';
    throw new CannotRun(said.join(' ') + more);
  }
  return { settings: readSettings({}).settings };
}

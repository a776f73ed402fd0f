import { readFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { joinPath } from '../workspace/files.js';
import {
  type ChartRequest,
  type NotRendered,
  type RenderedTemplate,
  type Renderer,
  releaseName,
  releaseNamespace,
} from '../workspace/rendering.js';
import { pathOf } from './node-files.js';
import { type Ended, run } from './program.js';

export interface HelmOptions {
  /** A path, or a name that is looked up on PATH. */
  readonly program: string;
  /** The limit of each rendering. */
  readonly seconds: number;
}

/**
 * Renders charts with `helm template`. Nothing is fetched and no cluster is asked: dependencies have to be in the chart's
 * `charts` folder. It runs what a chart's templates say, so it is only for workspaces that are trusted.
 */
export function helm({ program, seconds }: HelmOptions = { program: 'helm', seconds: 30 }): Renderer {
  return {
    async render(request) {
      const limits = { seconds, size: 64 * 1024 * 1024, env: offline, cwd: dirname(process.execPath) };
      const ended = await run(program, argumentsFor(request), limits);
      if (ended.how !== 'ended' || ended.code !== 0) return failure(ended, program, seconds);
      return templatesOf(request.chart, ended.text);
    },
  };
}

/** What `helm template` printed of a chart, by template, with the templates as the disk has them. */
export function templatesOf(chart: string, output: string): Promise<readonly RenderedTemplate[]> {
  return Promise.all(
    partsOf(output).map(async ([path, texts]): Promise<RenderedTemplate> => {
      // A chart in an archive has no files.
      const template = await readFile(join(pathOf(chart), ...path.split('/')), 'utf8').catch(() => undefined);
      return { uri: joinPath(chart, path) ?? `${chart}/${path}`, template, texts };
    }),
  );
}

/** Helm's own plugins, clusters and connections are out of reach: a schema of values could name an address to read. */
const offline = {
  HELM_NO_PLUGINS: '1',
  KUBECONFIG: devNull,
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
  NO_PROXY: '',
  no_proxy: '',
};

/** A value joined to its option, and an absolute path, is never taken for an option itself. */
function argumentsFor({ chart, values, kubeVersion }: ChartRequest): readonly string[] {
  return [
    'template',
    releaseName,
    pathOf(chart),
    `--namespace=${releaseNamespace}`,
    ...values.map((uri) => `--values=${listed(pathOf(uri))}`),
    ...(kubeVersion === undefined ? [] : [`--kube-version=${kubeVersion}`]),
  ];
}

/** Helm splits these at commas, as in a line of a table. */
function listed(path: string): string {
  return /[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}

/** The documents by the path of their template within the chart. */
function partsOf(output: string): readonly (readonly [string, readonly string[]])[] {
  const [, ...parts] = `\n${output}`.split(/\n---\r?\n# Source: ([^\r\n]+)\r?\n/);
  const byPath = new Map<string, string[]>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    // The first step is the chart's name, which need not be that of its folder.
    const steps = (parts[i] ?? '').split('/').slice(1);
    if (steps.length === 0 || steps.includes('..')) continue;
    const path = steps.join('/');
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [parts[i + 1] ?? '']);
    else known.push(parts[i + 1] ?? '');
  }
  return [...byPath];
}

function failure(ended: Ended, program: string, seconds: number): NotRendered {
  switch (ended.how) {
    case 'absent':
      return { error: `the program ${program} is not there`, absent: true };
    case 'not started':
      return { error: `${program} could not be started: ${ended.reason}`, absent: true };
    case 'too slow':
      return { error: `it was not rendered within ${seconds} s` };
    case 'too large':
      return { error: 'it gives more than 64 MB' };
    case 'ended': {
      const lines = ended.said.split('\n').map((line) => line.trim());
      const line = lines.find((each) => each.startsWith('Error: ')) ?? lines.findLast((each) => each !== '');
      return { error: line === undefined ? 'helm failed without a word' : `helm says: ${line.slice(0, 400)}` };
    }
  }
}

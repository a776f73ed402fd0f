import { resolve } from 'node:path';
import { helm } from '../host/helm.js';
import type { Netpol } from '../service.js';
import { Charts } from '../workspace/charts.js';
import { kubeVersionOf } from '../workspace/settings.js';
import { CannotRun } from './input.js';

/** The commands that read manifests, and so may be told to render charts first. */
export const rendering: ReadonlySet<string> = new Set([
  'check',
  'effective',
  'list',
  'explain',
  'diff',
  'test',
  'probe',
]);

export const helmUsage = `
  --helm              render Helm charts with \`helm template\` and judge what they give; without it nothing is run, and
                      templates are read as they are written
  --helm-path PATH    the helm to run, instead of the one on PATH`;

/** Takes `--helm` and `--helm-path` out of a command line; `program` is undefined where nothing is to be run. */
export function helmOptions(
  args: readonly string[],
  cwd: string,
): { readonly args: readonly string[]; readonly program: string | undefined } {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const left: string[] = [];
  let asked = false;
  let program = 'helm';
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? '';
    const [, joined] = /^--helm-path(?:=(.*))?$/s.exec(option) ?? [undefined, undefined];
    if (option === '--helm') asked = true;
    else if (option === '--helm-path' || joined !== undefined) {
      const path = joined ?? options[++i] ?? '';
      if (path === '') throw new CannotRun('--helm-path needs the path of a program');
      program = /[\\/]/.test(path) ? resolve(cwd, path) : path;
    } else left.push(option);
  }
  if (!asked && program !== 'helm')
    throw new CannotRun('--helm-path says which helm to run, and --helm that it is run');
  return { args: [...left, ...(end < 0 ? [] : args.slice(end))], program: asked ? program : undefined };
}

/** Renders the charts of a workspace. A chart that cannot be rendered is said, and read as it is written. */
export async function renderCharts(
  netpol: Netpol,
  program: string,
  err: (text: string) => void,
  show: (uri: string) => string,
): Promise<void> {
  const charts = new Charts(
    netpol.workspace,
    helm({ program, seconds: 60 }),
    () => ({ helm: netpol.settings.helm, kubeVersion: kubeVersionOf(netpol.settings) }),
    {
      changed: () => {},
      failed: (chart, error, values) =>
        err(
          `netpol: the chart ${show(chart) || '.'}${values === '' ? '' : ` with ${values}`} was not rendered: ${error}\n`,
        ),
      absent: (error) => {
        throw new CannotRun(
          `charts are rendered with helm, and ${error}; install it, or name it with --helm-path PATH`,
        );
      },
    },
  );
  await charts.update();
}

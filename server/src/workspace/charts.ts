import { stringOf, valueAt } from '../text/tree.js';
import { isBelow, joinPath } from './files.js';
import { matcher } from './patterns.js';
import type { Renderer, Rendering } from './rendering.js';
import type { HelmSettings } from './settings.js';
import type { Workspace } from './workspace.js';

export interface ChartEvents {
  /** A chart is read another way than before. */
  changed(): void;
  /** Why a chart's templates are read as they are written; `chart` is its folder, and `values` tells which rendering. */
  failed(chart: string, error: string, values: string): void;
  /** Nothing can be rendered here. */
  absent(error: string): void;
}

/**
 * Keeps the renderings of a workspace's charts as the files on the disk say. Invariant: of several renderings of one chart
 * the one that began last counts; no more than two are made at once.
 */
export class Charts {
  /** By chart: counts what made a rendering necessary. */
  readonly #wanted = new Map<string, number>();
  readonly #done = new Map<string, number>();
  readonly #said = new Map<string, string>();
  #settings = '';
  #absent = false;
  #running: Promise<void> | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly renderer: Renderer,
    private readonly settings: () => { readonly helm: HelmSettings; readonly kubeVersion: string | undefined },
    private readonly events: ChartEvents,
  ) {}

  /** A file has another text on the disk, or is gone. */
  fileChanged(uri: string): void {
    for (const chart of this.#wanted.keys()) {
      const { helm } = this.settings();
      const isUsed = isBelow(uri, chart) || this.#valuesOf(chart, helm).some(({ files }) => files.includes(uri));
      if (isUsed) this.#wanted.set(chart, (this.#wanted.get(chart) ?? 0) + 1);
    }
  }

  /** Renders what is not rendered as it is now. Ends when nothing is left to do; asked again meanwhile, it goes on. */
  update(): Promise<void> {
    this.#look();
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Finds the charts, and lets go of those that are gone or are not to be rendered any more. */
  #look(): void {
    const { helm, kubeVersion } = this.settings();
    const settings = JSON.stringify([helm, kubeVersion]);
    const anew = settings !== this.#settings;
    this.#settings = settings;
    const charts = helm.render ? chartsOf(this.workspace) : [];
    for (const chart of charts) if (anew || !this.#wanted.has(chart)) this.#wanted.set(chart, this.#next(chart));
    const gone = [...this.#wanted.keys()].filter((chart) => !charts.includes(chart));
    for (const chart of gone) {
      this.#wanted.delete(chart);
      this.#done.delete(chart);
      this.workspace.setRenderings(chart, []);
    }
    if (gone.length > 0) this.events.changed();
  }

  #next(chart: string): number {
    return Math.max(this.#wanted.get(chart) ?? 0, this.#done.get(chart) ?? 0) + 1;
  }

  async #work(): Promise<void> {
    const underWay = new Set<string>();
    let untold = 0;
    const worker = async () => {
      for (;;) {
        const next = [...this.#wanted].find(
          ([chart, wanted]) => !underWay.has(chart) && this.#done.get(chart) !== wanted,
        );
        if (next === undefined || this.#absent) return;
        const [chart, wanted] = next;
        underWay.add(chart);
        this.#done.set(chart, wanted);
        const renderings = await this.#render(chart);
        underWay.delete(chart);
        if (this.#wanted.get(chart) !== wanted || renderings === undefined) continue;
        this.workspace.setRenderings(chart, renderings);
        // Whoever is told cuts the scopes anew, which is not for each of hundreds of charts.
        untold = (untold + 1) % toldAtOnce;
        if (untold === 0) this.events.changed();
      }
    };
    await Promise.all([worker(), worker()]);
    if (untold > 0) this.events.changed();
  }

  /** What a chart gives; without those renderings that fail. Undefined where nothing can be rendered. */
  async #render(chart: string): Promise<readonly Rendering[] | undefined> {
    const { helm, kubeVersion } = this.settings();
    const renderings: Rendering[] = [];
    for (const { names, files, unusable } of this.#valuesOf(chart, helm)) {
      const title = names.join(' and ');
      const result =
        unusable === undefined
          ? await this.renderer.render({ chart, values: files, kubeVersion })
          : { error: `${unusable} is not in the workspace` };
      if (!('error' in result)) {
        this.#said.delete(`${chart} ${title}`);
        renderings.push({ values: names, templates: result });
      } else if (result.absent === true) {
        if (!this.#absent) this.events.absent(result.error);
        this.#absent = true;
        return undefined;
      } else if (this.#said.get(`${chart} ${title}`) !== result.error) {
        this.#said.set(`${chart} ${title}`, result.error);
        this.events.failed(chart, result.error, title);
      }
    }
    return renderings;
  }

  /** The sets of values that a chart is rendered with: those that are configured for it, else its own alone. */
  #valuesOf(chart: string, { values }: HelmSettings) {
    const { folders } = this.workspace;
    const home = folders.find((folder) => folder === chart || isBelow(chart, folder));
    const sets = values.filter(({ charts }) => home !== undefined && matcher([charts], home)(`${chart}/Chart.yaml`));
    const named = sets
      .flatMap((each) => each.sets)
      .map((names) => {
        const found = names.map((name) => [name, joinPath(chart, name)] as const);
        const isInside = (uri: string | undefined) =>
          uri !== undefined && folders.some((folder) => isBelow(uri, folder));
        return {
          names,
          files: found.flatMap(([, uri]) => uri ?? []),
          unusable: found.find(([, uri]) => !isInside(uri))?.[0],
        };
      });
    return named.length > 0 ? named : [{ names: [], files: [], unusable: undefined }];
  }
}

const toldAtOnce = 16;

/** The folders of the charts that can be installed, and belong to no other chart. */
function chartsOf({ index, files }: Workspace): readonly string[] {
  return index.charts.filter((folder) => {
    const root = files.get(`${folder}/Chart.yaml`)?.documents[0]?.document.root;
    return stringOf(valueAt(root, 'type')) !== 'library';
  });
}

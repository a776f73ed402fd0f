import type { YamlDocument } from '../text/document.js';
import { renderedDocuments } from '../text/rendered.js';

/** The name and the namespace of a release that is rendered and never installed: those that Helm takes by default. */
export const releaseName = 'release-name';
export const releaseNamespace = 'default';

/** What a chart gives with some values: the manifests that would be applied. */
export interface Rendering {
  /** The files of values, as a person would name them; empty for the chart's own values alone. */
  readonly values: readonly string[];
  readonly templates: readonly RenderedTemplate[];
}

/** A template that something was rendered from. */
export interface RenderedTemplate {
  readonly uri: string;
  /** Its text when it was rendered; undefined for one that is in no file. */
  readonly template: string | undefined;
  /** The YAML documents that came of it. */
  readonly texts: readonly string[];
}

/** A chart that is to be rendered. */
export interface ChartRequest {
  /** The chart's folder. */
  readonly chart: string;
  /** Files of values on top of the chart's own, the last one first in rank. */
  readonly values: readonly string[];
  readonly kubeVersion: string | undefined;
}

/** Renders charts, as Helm does. The core does no I/O and starts no programs: a host brings this, or none. */
export interface Renderer {
  /** What the chart gives, each template once. */
  render(request: ChartRequest): Promise<readonly RenderedTemplate[] | NotRendered>;
}

/** Why a chart gives nothing, in one line. */
export interface NotRendered {
  readonly error: string;
  /** There is nothing that could render charts. */
  readonly absent?: true;
}

/** The parts of a scope that stand for a template: documents at the template's URI, with their way back into it. */
export interface RenderedFile {
  readonly uri: string;
  readonly documents: readonly { readonly document: YamlDocument }[];
}

/** Renderings by chart folder, as scopes take them in. */
export type RenderedCharts = ReadonlyMap<string, readonly RenderedVariant[]>;

export interface RenderedVariant {
  /** How a person would call it: `values-prod.yaml`; empty for the chart's own values. */
  readonly title: string;
  readonly files: ReadonlyMap<string, RenderedFile>;
}

/** A rendering, with its documents aligned to the templates that they came of. */
export function variantOf({ values, templates }: Rendering): RenderedVariant {
  const files = templates.map(({ uri, template, texts }): [string, RenderedFile] => {
    const documents = renderedDocuments(uri, template, texts).map((document) => ({ document }));
    return [uri, { uri, documents }];
  });
  return { title: values.join(' and '), files: new Map(files) };
}

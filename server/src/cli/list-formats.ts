import type { Edge } from '../picture/index.js';
import { csv, dot, markdown, mermaid, svg } from '../picture/index.js';
import { jsonArray } from './json-parts.js';
import { type ExposureList, exposureText } from './list-exposure.js';
import type { Focus } from './list-focus.js';

/** The connections of one scope; `title` tells scopes apart where there are several. */
export interface ScopeEdges {
  readonly title: string | undefined;
  readonly edges: Iterable<Edge>;
  /** Workloads to draw also where nothing connects them. */
  readonly ends: readonly string[];
  /** Where --exposure asks for it. */
  readonly exposure: ExposureList | undefined;
}

/** Writes connections out, in parts, so that long lists need no room. */
export type ListFormat = (scopes: readonly ScopeEdges[], focus: Focus) => Iterable<string>;

export const formats: Readonly<Record<string, ListFormat>> = {
  text,
  // What np-guard's analyzer calls it.
  txt: text,
  json,
  ndjson,
  csv: picture(csv),
  md: picture(markdown),
  dot: picture(dot),
  mermaid: picture(mermaid),
  svg: picture(svg),
};

/** `src => dst : conn`; for a single port a headline, and no ports behind the lines. */
function* text(scopes: readonly ScopeEdges[], { port }: Focus): Generator<string> {
  for (const [index, { title, edges, exposure }] of scopes.entries()) {
    if (title !== undefined) yield `${index === 0 ? '' : '\n'}# ${title}\n`;
    let first = true;
    for (const { src, dst, conn } of edges) {
      if (first && port !== undefined) yield `Permitted connections on ${port.protocol} ${port.number}:\n`;
      first = false;
      yield port === undefined ? `${src} => ${dst} : ${conn}\n` : `${src} => ${dst}\n`;
    }
    if (exposure !== undefined) yield `${first ? '' : '\n'}${exposureText(exposure)}`;
  }
}

/** One array, or with exposure an object of arrays; as `JSON.stringify` would indent it. */
function* json(scopes: readonly ScopeEdges[], { port }: Focus): Generator<string> {
  const withExposure = scopes.some(({ exposure }) => exposure !== undefined);
  const items = function* (edgesOf: (scope: ScopeEdges) => Iterable<Edge>) {
    for (const scope of scopes) {
      for (const { src, dst, conn } of edgesOf(scope)) {
        yield {
          src,
          dst,
          ...(port === undefined ? { conn } : {}),
          ...(scope.title === undefined ? {} : { scope: scope.title }),
        };
      }
    }
  };
  const list = items(({ edges }) => edges);
  if (!withExposure) {
    yield* jsonArray(list, 0);
    yield '\n';
    return;
  }
  // np-guard has null where there are none, and the names of its fields.
  const others = (edges: readonly object[]) => (edges.length === 0 ? null : edges);
  const exposure_results = {
    egress_exposure: others([...items(({ exposure }) => exposure?.egress ?? [])]),
    ingress_exposure: others([...items(({ exposure }) => exposure?.ingress ?? [])]),
  };
  yield '{\n  "connlist_results": ';
  yield* jsonArray(list, 1);
  yield `,\n${JSON.stringify({ exposure_results }, undefined, 2).slice(2)}\n`;
}

/** A line for each connection, the objects of the JSON list; those of `--exposure` say in which direction they are exposed. */
function* ndjson(scopes: readonly ScopeEdges[], { port }: Focus): Generator<string> {
  for (const { title, edges, exposure } of scopes) {
    const scope = title === undefined ? {} : { scope: title };
    const line = ({ src, dst, conn }: Edge, more = {}) =>
      `${JSON.stringify({ src, dst, ...(port === undefined ? { conn } : {}), ...scope, ...more })}\n`;
    for (const edge of edges) yield line(edge);
    for (const edge of exposure?.ingress ?? []) yield line(edge, { exposure: 'ingress' });
    for (const edge of exposure?.egress ?? []) yield line(edge, { exposure: 'egress' });
  }
}

/** Tables and drawings show everything together. */
function picture(draw: (edges: readonly Edge[], ends: readonly string[]) => string): ListFormat {
  return function* (scopes, { port }) {
    const all = scopes.flatMap(({ edges, exposure }) => [
      ...edges,
      ...(exposure?.egress ?? []),
      ...(exposure?.ingress ?? []),
    ]);
    // Ranges of addresses stand in the list and in the exposure.
    const edges = [...new Map(all.map((edge) => [JSON.stringify(edge), edge])).values()];
    const shown =
      port === undefined ? edges : edges.map((edge) => ({ ...edge, conn: `${port.protocol} ${port.number}` }));
    yield draw(
      shown,
      scopes.flatMap(({ ends }) => ends),
    );
  };
}

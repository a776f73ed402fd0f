import type { InlayHint, InlayHintLabelPart, Range } from 'vscode-languageserver-types';
import { workloadName } from '../../engine/describe.js';
import { groupBy } from '../../engine/group-by.js';
import { resourcesOf } from '../../kinds/index.js';
import type { Resource } from '../../kinds/kind.js';
import type { Policy } from '../../model/policy.js';
import type { Workload } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import type { SourceFile } from '../../text/file.js';
import { contains, type TextRange } from '../../text/range.js';
import type { EditorSettings } from '../../workspace/editor-settings.js';
import { keyOf } from '../../workspace/files.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { type DocumentParams, defineFeature } from '../feature.js';
import { escapeMarkdown } from '../hover/effective-markdown.js';
import { linksInto, locate } from '../places.js';
import { andOrHints } from './and-or-hints.js';
import { defaultHints } from './default-hints.js';
import type { Hint } from './hint.js';
import { scopeHints } from './scope-hints.js';

export const inlayHintFeature = defineFeature({
  method: 'textDocument/inlayHint',
  doc: 'Within the line: AND and OR, how many workloads a selector chooses, the number of a named port, what is left out.',
  capability: () => ({ inlayHintProvider: true }),
  // Before, a number would count only what has been read.
  afterLoad: true,
  refresh: 'workspace/inlayHint/refresh',
  answer(
    { netpol, editor },
    { textDocument, range }: DocumentParams & { readonly range: Range },
  ): readonly InlayHint[] | null {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    if (file === undefined) return null;
    const within = { start: file.lines.offsetAt(range.start), end: file.lines.offsetAt(range.end) };
    return inlayHints(netpol, editor, file, within);
  },
});

/** The hints within a range of a file, in its order; one at a place. */
export function inlayHints(
  netpol: Netpol,
  { inlayHints: wanted }: EditorSettings,
  file: SourceFile,
  within: TextRange,
): readonly InlayHint[] {
  const hints = file.documents
    .filter(({ document, offset }) => offset <= within.end && offset + document.text.length >= within.start)
    .flatMap(({ document }) => resourcesOf(document))
    .flatMap((resource) => hintsOf(netpol, file, resource))
    .filter(({ hint, at }) => wanted[hint.kind] && contains(within, at));
  const byPlace = groupBy(hints, ({ at }) => at);
  return [...byPlace].sort(([a], [b]) => a - b).flatMap(([at, all]) => shown(netpol, file, at, all));
}

interface PlacedHint {
  readonly hint: Hint;
  readonly at: number;
  readonly scope: Scope | undefined;
}

function hintsOf({ workspace }: Netpol, file: SourceFile, resource: Resource): readonly PlacedHint[] {
  const { object } = resource;
  if (object?.type !== 'policy') return [];
  const members = workspace.index.scopesOf(file.uri).flatMap((scope) => {
    const policy = scope.policyOf(resource);
    return policy === undefined ? [] : [{ scope, policy }];
  });
  const written: Placed<Policy> = {
    value: object.value,
    namespace: members[0]?.policy.namespace ?? { key: object.value.namespace ?? '', name: object.value.namespace },
    resource,
    uri: file.uri,
  };
  // What a patch leaves out, the object that it changes may say.
  const defaults = workspace.index.isPatch(file.uri) ? [] : defaultHints(written);
  const own = [...andOrHints(written), ...defaults].map((hint) => ({ hint, scope: undefined }));
  const counted = members.flatMap(({ scope, policy }) => scopeHints(scope, policy).map((hint) => ({ hint, scope })));
  return [...own, ...counted].flatMap((each) => {
    const { document, offset } = each.hint;
    const start = file.offsetOf(document);
    return start === undefined ? [] : [{ ...each, at: start + offset }];
  });
}

/** What stands at one place: words of several kinds in one hint, and where scopes differ, what each says. */
function shown(netpol: Netpol, file: SourceFile, at: number, all: readonly PlacedHint[]): readonly InlayHint[] {
  const position = file.lines.positionAt(at);
  return (['before', 'behind'] as const).flatMap((side) => {
    const named = all.some(({ hint }) => hint.kind === 'ports');
    // The numbers of a named port come with their protocol.
    const here = all.filter(({ hint }) => hint.side === side && !(named && hint.kind === 'defaults'));
    const parts = [...groupBy(here, ({ hint }) => hint.kind).values()].map((each) => partOf(netpol, each));
    const label = parts.flatMap(({ part }, i) => (i === 0 ? [part] : [{ value: ', ' }, part]));
    if (label.length === 0) return [];
    return [
      {
        position,
        label,
        tooltip: { kind: 'markdown', value: parts.map(({ tooltip }) => tooltip).join('\n\n') },
        ...(side === 'before' ? { paddingRight: true } : { paddingLeft: true }),
      } satisfies InlayHint,
    ];
  });
}

/** Hints of one kind at one place: of one scope, or of several that say the same, one. */
function partOf(netpol: Netpol, hints: readonly PlacedHint[]): { part: InlayHintLabelPart; tooltip: string } {
  const byWords = [...groupBy(hints, ({ hint }) => hint.words)];
  const [first] = byWords;
  const value =
    byWords.length === 1
      ? (first?.[0] ?? '')
      : byWords
          .slice(0, 2)
          .map(([words, [one]]) => `${words} in ${one?.scope?.title ?? 'the file'}`)
          .join(', ') + (byWords.length > 2 ? ' ...' : '');
  const tooltip = byWords.flatMap(([, [each]]) =>
    each === undefined ? [] : [tooltipOf(netpol, each, byWords.length)],
  );
  const workloads = byWords.length === 1 ? (first?.[1][0]?.hint.workloads ?? []) : [];
  const [only] = workloads;
  const location = only === undefined || workloads.length > 1 ? undefined : locate(netpol.workspace, only.value.at);
  return { part: { value, ...(location === undefined ? {} : { location }) }, tooltip: tooltip.join('\n\n') };
}

/** More names than these are no help. */
const most = 10;

function tooltipOf({ workspace }: Netpol, { hint, scope }: PlacedHint, variants: number): string {
  const link = linksInto(workspace);
  const { workloads = [], more } = hint;
  const where = variants > 1 && scope !== undefined ? `In ${escapeMarkdown(scope.title)}: ` : '';
  const rows = workloads.slice(0, most).map((each) => `- ${linked(link, each)}`);
  const rest = workloads.length > most ? [`- and ${workloads.length - most} more`] : [];
  return [where + more, ...(rows.length === 0 ? [] : ['', ...rows, ...rest])].join('\n');
}

function linked(link: ReturnType<typeof linksInto>, workload: Placed<Workload>): string {
  const name = escapeMarkdown(`${workload.value.kind} ${workloadName(workload)}`);
  const target = link({ label: name, at: workload.value.at })?.target;
  return target === undefined ? name : `[${name}](${target})`;
}

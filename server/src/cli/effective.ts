import { policyName, workloadName } from '../engine/describe.js';
import { effectiveText } from '../features/hover/effective-text.js';
import { viewOfPolicy, viewOfWorkload } from '../features/hover/effective-view.js';
import { type EffectiveView, type NamedPlace, type OrderedRow, wordsOf } from '../features/hover/view.js';
import type { Scope } from '../workspace/scope.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun, type Input } from './input.js';

export const effectiveUsage = `netpol effective [PATH...] [--policy [NS/]NAME] [--workload [NS/]NAME] [--format text|json]

  Shows what is allowed for the pods of a policy or a workload, over all policies that select them.
  Without --policy and --workload: every policy.

  Exit status: 0, or 2 where it could not run.

  Examples:
    netpol effective examples/shop
    netpol effective examples/shop --policy shop/api
    netpol effective examples/shop --workload storefront/frontend --format json`;

/** `netpol effective`: what the hover shows, on the command line. */
export async function effective(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, effectiveUsage, {
    policy: { type: 'string' },
    workload: { type: 'string' },
    format: { type: 'string', default: 'text' },
  });
  const format = String(values.format);
  if (format !== 'text' && format !== 'json') throw new CannotRun(`--format ${format}: use text or json`);
  const input = await readWith(io, positionals);
  const views = [...input.netpol.workspace.index.scopes].flatMap((scope) =>
    viewsOf(scope, input, asText(values.policy), asText(values.workload)),
  );
  const wanted = values.policy ?? values.workload;
  if (views.length === 0 && wanted !== undefined) {
    throw new CannotRun(
      `there is no ${values.policy === undefined ? 'workload' : 'policy'} "${String(wanted)}" here${known(input, values.policy !== undefined)}`,
    );
  }
  const placeName = ({ at }: NamedPlace) => {
    const file = input.netpol.workspace.file(at.document.uri);
    const range = file?.toFile(at);
    return file === undefined || range === undefined
      ? undefined
      : `${input.show(file.uri)}:${file.lines.positionAt(range.start).line + 1}`;
  };
  if (format === 'json')
    io.out(
      `${JSON.stringify(
        views.map((view) => asJson(view, placeName)),
        undefined,
        2,
      )}\n`,
    );
  else io.out(views.map((view) => effectiveText(view, placeName, io.style)).join('\n'));
  if (views.length === 0) io.err('netpol: there are no policies here\n');
  return 0;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function viewsOf(
  scope: Scope,
  input: Input,
  policy: string | undefined,
  workload: string | undefined,
): readonly EffectiveView[] {
  const profile = input.netpol.profileOf(scope);
  const views: EffectiveView[] = [];
  if (policy !== undefined || workload === undefined) {
    for (const each of scope.policies) {
      if (policy === undefined || isNamed(policyName(each), each.value.name, policy))
        views.push(viewOfPolicy(scope, profile, each));
    }
  }
  if (workload !== undefined) {
    for (const each of scope.workloads) {
      if (isNamed(workloadName(each), each.value.name, workload)) views.push(viewOfWorkload(scope, profile, each));
    }
  }
  return views;
}

function isNamed(full: string, name: string, wanted: string): boolean {
  return wanted.includes('/') ? full === wanted : name === wanted;
}

function known(input: Input, policies: boolean): string {
  const names = input.netpol.workspace.index.scopes.flatMap((scope) =>
    policies ? scope.policies.map(policyName) : scope.workloads.map(workloadName),
  );
  return names.length === 0
    ? ''
    : `; there are ${[...new Set(names)].slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`;
}

function asJson(view: EffectiveView, placeName: (place: NamedPlace) => string | undefined) {
  const where = (place: NamedPlace) => ({ policy: place.label, at: placeName(place) });
  const ordered = ({ action, who, ports, tier, partly, by }: OrderedRow) => ({
    action,
    peer: who,
    ports,
    tier: tier ?? null,
    partly,
    by: where(by),
  });
  return {
    name: view.name,
    kind: view.kind,
    namespace: view.namespace,
    subject: view.subject,
    workloads: view.selects(),
    uncertain: view.uncertain,
    ...Object.fromEntries(
      view.directions.map((direction) => [
        direction.direction,
        {
          isolated: direction.state === 'isolated',
          isolatedBy: direction.isolatedBy.map(where),
          before: direction.before.map(ordered),
          allowed: direction.rows.map((row) => ({
            peer: row.who,
            ports: row.ports,
            workloads: row.matches?.() ?? null,
            by: where(row.by),
          })),
          after: direction.after.map(ordered),
          warnings: direction.warnings,
        },
      ]),
    ),
    others: view.others.map(wordsOf),
  };
}

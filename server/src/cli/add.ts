import { nearestName } from '../kinds/nearest.js';
import { layers, renderTemplate, type Template, templateNamed, templates } from '../templates/index.js';
import { type Io, parse } from './command.js';
import { CannotRun, settingsOf } from './input.js';

export const addUsage = `netpol add TEMPLATE [--namespace NS] [--pods KEY=VALUE ...] [--set NAME=VALUE ...]
netpol add --list

  Prints a standard policy on standard output. TEMPLATE "layered" prints the whole layered baseline.

  --namespace NS       metadata.namespace
  --pods KEY=VALUE     the pods it is about (repeat for AND); every pod when left out
  --set NAME=VALUE     a parameter of the template, as --list shows them`;

/** `netpol add`: a standard policy as text. */
export async function add(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, addUsage, {
    namespace: { type: 'string', short: 'n' },
    pods: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
  });
  if (values.list === true) {
    for (const template of templates) io.out(describe(template, io));
    return 0;
  }
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new CannotRun('name one template; `netpol add --list` shows them');
  const wanted = name === 'layered' ? layers : [name];
  const pods = pairs(values.pods, '--pods');
  const given = pairs(values.set, '--set');
  const { profile } = await settingsOf(io.cwd);
  const chosen = wanted.map((id) => {
    const template = templateNamed(id);
    if (template === undefined) throw new CannotRun(unknown(id));
    return template;
  });
  checkParameters(name, chosen, [...given.keys()]);
  const texts = chosen.map((template) => {
    return renderTemplate(template, {
      namespace: typeof values.namespace === 'string' ? values.namespace : undefined,
      podLabels: pods.size === 0 ? undefined : pods,
      profile,
      given: Object.fromEntries(given),
    });
  });
  io.out(texts.join('---\n'));
  return 0;
}

/** A parameter that no template takes is a slip, not a wish. */
function checkParameters(name: string, chosen: readonly Template[], given: readonly string[]): void {
  const known = new Set(['name', ...chosen.flatMap((template) => template.parameters.map((each) => each.name))]);
  const stray = given.find((key) => !known.has(key));
  if (stray !== undefined) throw new CannotRun(`${name} has no parameter "${stray}"; it has ${[...known].join(', ')}`);
}

function pairs(values: unknown, option: string): ReadonlyMap<string, string> {
  const list = Array.isArray(values) ? values.map(String) : [];
  return new Map(
    list.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new CannotRun(`${option} ${text}: write KEY=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
}

function unknown(id: string): string {
  const meant = nearestName(
    id,
    templates.map((template) => template.id),
  );
  return `there is no template "${id}"${meant === undefined ? '; `netpol add --list` shows them' : `; did you mean "${meant}"?`}`;
}

function describe(template: Template, io: Io): string {
  const layer = template.layer === undefined ? '' : io.style.dim(` (layer ${template.layer})`);
  const parameters = template.parameters
    .map((each) => `    --set ${each.name}=${each.default}   ${io.style.dim(each.doc)}\n`)
    .join('');
  return `${io.style.bold(template.id)}${layer}\n  ${template.description}\n${parameters}`;
}

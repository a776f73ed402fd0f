import { nearest } from '../kinds/nearest.js';
import { defaultProfile } from '../model/profile.js';
import { layers, renderTemplate, type Template, templateNamed, templates } from '../templates/index.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';

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
  const texts = wanted.map((id) => {
    const template = templateNamed(id);
    if (template === undefined) throw new CannotRun(unknown(id));
    const stray = [...given.keys()].find((key) => !template.parameters.some((parameter) => parameter.name === key));
    if (stray !== undefined && wanted.length === 1) {
      throw new CannotRun(
        `${id} has no parameter "${stray}"; it has ${template.parameters.map((each) => each.name).join(', ') || 'none'}`,
      );
    }
    return renderTemplate(template, {
      namespace: typeof values.namespace === 'string' ? values.namespace : undefined,
      podLabels: pods.size === 0 ? undefined : pods,
      profile: defaultProfile,
      given: Object.fromEntries(given),
    });
  });
  io.out(texts.join('---\n'));
  return 0;
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
  const meant = nearest(
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

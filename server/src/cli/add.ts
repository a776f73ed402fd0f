import { mkdir, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { URI } from 'vscode-uri';
import { reasonOf } from '../host/node-files.js';
import { resourcesOf } from '../kinds/index.js';
import { nearestName } from '../kinds/nearest.js';
import type { ClusterProfile } from '../model/profile.js';
import {
  baselineFiles,
  faultOf,
  isNamespaceName,
  kustomizationName,
  layers,
  leftOut,
  nameParameter,
  otherKustomizationNames,
  renderTemplate,
  type Template,
  type TemplateParameter,
  templateNamed,
  templates,
} from '../templates/index.js';
import { SourceFile } from '../text/file.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun, settingsOf } from './input.js';

export const addUsage = `netpol add TEMPLATE [--namespace NS] [--pods KEY=VALUE ...] [--PARAMETER VALUE ...] [-o FILE]
netpol add baseline --namespace NS[,NS...] [--output-dir DIR] [--workloads PATH ...] [--force]
netpol add --list

  Writes a standard policy. "baseline" is the layered baseline of a namespace; with --output-dir it is one file for each
  policy and a kustomization, in a folder for each namespace where there are several. "layered" is a policy of each layer.
  What is not given comes from .netpol.yaml.

  --namespace NS       metadata.namespace
  --pods KEY=VALUE     the pods it is about (repeat for AND); every pod when left out
  --PARAMETER VALUE    a parameter of the template, as --list shows them; also --set PARAMETER=VALUE
  --name NAME          the name of the policy
  -o, --output FILE    where it goes; "-", the default, is standard output
  --output-dir DIR     where the files of the baseline go
  --workloads PATH     manifests of the namespace, from which the baseline takes its ports; where no Ingress
                       or route leads there, nothing is opened to the ingress controller
  --force              overwrite files
  --list               every template with what it allows and its parameters

  Exit status: 0 it is written, 2 it could not be.

  Examples:
    netpol add --list
    netpol add allow-dns-egress --namespace shop
    netpol add default-deny-all --namespace shop --pods app=api
    netpol add baseline --namespace shop --workloads examples/shop`;

/** The text of a file that is to be written. */
interface Output {
  readonly path: string;
  readonly text: string;
}

/** `netpol add`: a standard policy, or the whole baseline, as text or as files. */
export async function add(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, addUsage, {
    ...Object.fromEntries(parameterNames.map((name) => [flagOf(name), { type: 'string' as const }])),
    namespace: { type: 'string', short: 'n' },
    pods: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    output: { type: 'string', short: 'o' },
    'output-dir': { type: 'string' },
    workloads: { type: 'string', multiple: true },
    force: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  });
  if (values.list === true) {
    for (const template of templates) io.out(describe(template, io));
    return 0;
  }
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new CannotRun('name one template; `netpol add --list` shows them');
  const request: Request = {
    name,
    namespace: textOf(values.namespace),
    pods: pairs(values.pods, '--pods'),
    given: new Map([
      ...pairs(values.set, '--set'),
      ...parameterNames.flatMap((parameter) => {
        const value = textOf(values[flagOf(parameter)]);
        return value === undefined ? [] : [[parameter, value] as const];
      }),
    ]),
    workloads: Array.isArray(values.workloads) ? values.workloads.map(String) : [],
    profile: (await settingsOf(io.cwd)).profile,
  };
  noteNodes(request, io);
  const folder = textOf(values['output-dir']);
  if (name !== 'baseline') {
    const stray = folder === undefined ? (request.workloads.length > 0 ? 'workloads' : undefined) : 'output-dir';
    if (stray !== undefined) throw new CannotRun(`--${stray} is for the baseline: netpol add baseline`);
  }
  const file = textOf(values.output);
  if (folder !== undefined && file !== undefined) throw new CannotRun('use either --output or --output-dir');
  const outputs = name === 'baseline' ? await baseline(request, io) : [{ path: '', text: policies(request) }];
  if (folder !== undefined) {
    await write(
      outputs.map((each) => ({ ...each, path: resolve(io.cwd, folder, each.path) })),
      values.force === true,
      io,
    );
    return 0;
  }
  // One stream of manifests; a kustomization is none.
  const text = outputs.flatMap((each) => (each.path.endsWith(kustomizationName) ? [] : [each.text])).join('---\n');
  if (file === undefined || file === '-') io.out(text);
  else await write([{ path: resolve(io.cwd, file), text }], values.force === true, io);
  return 0;
}

/** Some plugins never match a node by its address: what is written has no effect there. */
function noteNodes({ name, profile }: Request, io: Io): void {
  const instead = templateNamed(name)?.insteadOfNodeAddresses;
  const { nodesOnlyBy, title } = profile.cni;
  if (instead !== undefined && nodesOnlyBy !== undefined)
    io.err(`netpol: with ${title} an ipBlock never matches a node: ${instead}\n`);
}

interface Request {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly pods: ReadonlyMap<string, string>;
  readonly given: ReadonlyMap<string, string>;
  readonly workloads: readonly string[];
  readonly profile: ClusterProfile;
}

/** The policies of one template, or of every layer, in one stream. */
function policies({ name, namespace, pods, given, profile }: Request): string {
  const chosen = (name === 'layered' ? layers : [name]).map((id) => {
    const template = templateNamed(id);
    if (template === undefined) throw new CannotRun(unknown(id));
    return template;
  });
  checkParameters(name, chosen, given);
  if (namespace !== undefined && !isNamespaceName(namespace)) throw new CannotRun(noNamespace(namespace));
  const podLabels = pods.size === 0 ? undefined : pods;
  const values = { namespace, podLabels, profile, given: Object.fromEntries(given) };
  const text = chosen.map((template) => renderTemplate(template, values)).join('---\n');
  const refused = whyRefused(text);
  if (refused !== undefined) throw new CannotRun(`the API server would refuse this policy: ${refused}`);
  return text;
}

function whyRefused(text: string): string | undefined {
  const problems = SourceFile.of('', text).documents.flatMap(({ document }) =>
    resourcesOf(document).flatMap(({ kind, node }) => kind.check?.(node, { kubernetesVersion: undefined }) ?? []),
  );
  return problems.find(({ severity }) => severity === undefined)?.message;
}

/** The files of the baseline; in a folder for each namespace where there are several. */
async function baseline(request: Request, io: Io): Promise<readonly Output[]> {
  const namespaces = (request.namespace ?? '').split(',').map((each) => each.trim());
  const wrong = namespaces.find((each) => !isNamespaceName(each));
  if (request.namespace === undefined) throw new CannotRun('say for which namespace: --namespace NS');
  if (wrong !== undefined) throw new CannotRun(noNamespace(wrong));
  const [stray] = [...request.given.keys(), ...(request.pods.size > 0 ? ['pods'] : [])];
  if (stray !== undefined) {
    throw new CannotRun(`the baseline has no parameter "${stray}": it is for every pod, and follows .netpol.yaml`);
  }
  const { workloads } = request;
  const input = workloads.length === 0 ? undefined : await readWith(io, workloads);
  return namespaces.flatMap((namespace) => {
    const scope = input?.netpol.workspace.index.scopes.find(({ namespaces: all }) =>
      [...all.values()].some(({ ref }) => ref.name === namespace),
    );
    if (input !== undefined && scope === undefined) {
      throw new CannotRun(`nothing in ${workloads.join(', ')} is in the namespace "${namespace}"`);
    }
    const profile = input === undefined || scope === undefined ? request.profile : input.netpol.profileOf(scope);
    const without = leftOut({ namespace, profile, scope });
    if (without !== undefined) io.err(`netpol: ${without}\n`);
    return baselineFiles({ namespace, profile, scope }).map(({ name, text }) => ({
      path: namespaces.length > 1 ? `${namespace}/${name}` : name,
      text,
    }));
  });
}

/** Writes all of the files or, where one of them would be overwritten unasked, none. */
async function write(outputs: readonly Output[], force: boolean, io: Io): Promise<void> {
  const shown = (path: string) => relative(io.cwd, path) || path;
  const folders = new Set(
    outputs.filter(({ path }) => path.endsWith(kustomizationName)).map(({ path }) => dirname(path)),
  );
  const second = [...folders].flatMap((folder) => otherKustomizationNames.map((name) => resolve(folder, name)));
  for (const path of second) {
    if (await exists(path))
      throw new CannotRun(`${shown(path)} is a kustomization already: kustomize takes one in a folder`);
  }
  const there = await Promise.all(outputs.map(async ({ path }) => ((await exists(path)) ? [shown(path)] : [])));
  const taken = there.flat();
  if (taken.length > 0 && !force) {
    throw new CannotRun(
      `${taken.join(', ')} ${taken.length === 1 ? 'exists' : 'exist'} already, and nothing was written; --force overwrites`,
    );
  }
  for (const { path, text } of outputs) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await io.write(URI.file(path).toString(), text);
    } catch (error) {
      throw new CannotRun(`${shown(path)} could not be written: ${reasonOf(error)}`);
    }
    io.err(`wrote ${shown(path)}\n`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw new CannotRun(`${path}: ${reasonOf(error)}`);
  }
}

/** Of all templates: each is a flag of its own. */
const parameterNames = [
  ...new Set([nameParameter, ...templates.flatMap(({ parameters }) => parameters)].map(({ name }) => name)),
];

function flagOf(parameter: string): string {
  return parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A parameter that no template takes is a slip, not a wish; so is a value that is none of its type. */
function checkParameters(name: string, chosen: readonly Template[], given: ReadonlyMap<string, string>): void {
  const known = [nameParameter, ...chosen.flatMap((template) => template.parameters)];
  for (const [key, value] of given) {
    const parameter = known.find((each) => each.name === key);
    if (parameter === undefined) {
      const names = [...new Set(known.map((each) => each.name))].join(', ');
      throw new CannotRun(`${name} has no parameter "${key}"; it has ${names}`);
    }
    const fault = faultOf(parameter, value);
    if (fault !== undefined) throw new CannotRun(`--${flagOf(key)}: ${fault}`);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
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

function noNamespace(text: string): string {
  return `--namespace: "${text}" cannot be the name of a namespace: use lower-case letters, digits and dashes, 63 at most`;
}

function unknown(id: string): string {
  const meant = nearestName(id, ['baseline', 'layered', ...templates.map((template) => template.id)]);
  return `there is no template "${id}"${meant === undefined ? '; `netpol add --list` shows them' : `; did you mean "${meant}"?`}`;
}

function describe(template: Template, io: Io): string {
  const layer = template.layer === undefined ? '' : io.style.dim(` (layer ${template.layer})`);
  const parameters = template.parameters.map((each) => `${parameterLine(each, io)}\n`).join('');
  return `${io.style.bold(template.id)}${layer}\n  ${template.description}\n${parameters}`;
}

function parameterLine({ name, doc, default: text, choices, fromProfile }: TemplateParameter, io: Io): string {
  const value = choices?.join('|') ?? (text || 'VALUE');
  const profile = fromProfile === undefined ? '' : ' From .netpol.yaml when it is there.';
  return `    --${flagOf(name)} ${value}   ${io.style.dim(`${doc}${profile}`)}`;
}

import { kindNamed, kinds } from '../kinds/index.js';
import type { Kind } from '../kinds/kind.js';
import { jsonSchemaOf } from '../kinds/schema.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';

export const schemaUsage = `netpol schema [GROUP/]KIND

  Prints the JSON Schema of a kind, such as NetworkPolicy. Where two groups have one of that name, GROUP says which; the
  one of Kubernetes is meant without it.

  Exit status: 0, or 2 where there is no such kind.

  Examples:
    netpol schema NetworkPolicy
    netpol schema projectcalico.org/NetworkPolicy`;

/** `netpol schema`: a kind's JSON Schema, from its field tree. */
export async function schema(args: readonly string[], io: Io): Promise<number> {
  const { positionals } = parse(args, schemaUsage, {});
  const [name, ...rest] = positionals;
  const kind = name === undefined ? undefined : kindNamed(name);
  if (name === undefined || rest.length > 0) throw new CannotRun(`name one kind: ${kindList()}`);
  if (kind === undefined) throw new CannotRun(`there is no kind "${name}"; there are ${kindList()}`);
  io.out(`${JSON.stringify(jsonSchemaOf(kind), undefined, 2)}\n`);
  return 0;
}

/** Each as it is to be written. */
function kindList(): string {
  return kinds.map((each) => (kindNamed(each.kind) === each ? each.kind : `${groupOf(each)}/${each.kind}`)).join(', ');
}

function groupOf({ apiVersions: [version = ''] }: Kind): string {
  return version.slice(0, version.indexOf('/'));
}

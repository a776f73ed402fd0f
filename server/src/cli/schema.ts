import { kindNamed, kinds } from '../kinds/index.js';
import { jsonSchemaOf } from '../kinds/schema.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';

export const schemaUsage = `netpol schema KIND

  Prints the JSON Schema of a kind, such as NetworkPolicy.

  Exit status: 0, or 2 where there is no such kind.

  Examples:
    netpol schema NetworkPolicy`;

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

function kindList(): string {
  return [...new Set(kinds.map((kind) => kind.kind))].join(', ');
}

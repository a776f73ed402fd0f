import { type ConvertedFamily, convert, convertedText, kindNames } from '../convert/index.js';
import { surroundingsOf } from '../features/actions/convert.js';
import { resourcesOf } from '../kinds/index.js';
import type { Resource } from '../kinds/kind.js';
import type { Place } from '../model/workload.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun, type Input } from './input.js';

export const convertUsage = `netpol convert --to kubernetes|calico|cilium [PATH...]

  Writes the policies of a namespace as those of another family that allow the same connections: NetworkPolicy,
  Calico's NetworkPolicy (projectcalico.org/v3) or CiliumNetworkPolicy, as one stream, with their comments above them.

  Where the other family cannot say something, nothing is written: each such place is named, and the exit status is 1.
  Policies that are of that family already are left out.

  Exit status: 0 it is written, 1 something would be lost, 2 it could not run.

  Examples:
    netpol convert --to calico examples/shop-fixed
    netpol convert --to cilium examples/shop-fixed/policies/api.yaml`;

/** `netpol convert`: all of the policies that were named, or none. */
export async function convertPolicies(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, convertUsage, { to: { type: 'string' } });
  const to = families.find((family) => family === values.to);
  if (to === undefined) throw new CannotRun('say what to: --to kubernetes, --to calico or --to cilium');
  const input = await readWith(io, positionals);
  const texts: string[] = [];
  const notes = new Set<string>();
  const losses: string[] = [];
  for (const uri of input.uris) {
    const around = surroundingsOf(input.netpol.workspace.index.scopesOf(uri));
    for (const resource of policiesIn(input, uri)) {
      const made = convert(resource, to, around);
      if (made === undefined) continue;
      for (const { at, what } of made.losses) losses.push(`${placeOf(input, at)}: ${what}`);
      for (const note of made.notes) notes.add(note);
      if (made.object !== undefined) texts.push(convertedText(resource, made.object));
    }
  }
  if (losses.length > 0) {
    io.err(losses.map((line) => `${line}\n`).join(''));
    io.err(`netpol: nothing is written, since a ${kindNames[to]} cannot say this\n`);
    return 1;
  }
  if (texts.length === 0) throw new CannotRun(`there is no policy here to convert to a ${kindNames[to]}`);
  io.out(texts.join('---\n'));
  io.err([...notes].map((note) => `netpol: ${note}\n`).join(''));
  return 0;
}

const families: readonly ConvertedFamily[] = ['kubernetes', 'calico', 'cilium'];

/** Each object once: several policies in one (`specs`) are refused as a whole. */
function policiesIn({ netpol }: Input, uri: string): readonly Resource[] {
  return (netpol.workspace.file(uri)?.documents ?? []).flatMap(({ document }) =>
    resourcesOf(document).filter(({ object, part = 0 }) => object?.type === 'policy' && part === 0),
  );
}

function placeOf({ netpol, show }: Input, at: Place): string {
  const file = netpol.workspace.file(at.document.uri);
  const range = file?.toFile(at);
  const shown = show(at.document.uri);
  return file === undefined || range === undefined ? shown : `${shown}:${file.lines.positionAt(range.start).line + 1}`;
}

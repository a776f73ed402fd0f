import { createHash } from 'node:crypto';
import { resourcesOf } from '../../kinds/index.js';
import type { FileFinding } from '../../rules/run.js';
import { valueAt, type YamlNode } from '../../text/tree.js';
import type { Input } from '../input.js';

/** What makes a finding the same one after lines have moved: never a line. */
export interface Identity {
  readonly rule: string;
  /** The path from the current folder, with `/`. */
  readonly file: string;
  /** The object that it stands in, such as `NetworkPolicy shop/api`; empty where it is in none. */
  readonly object: string;
  readonly message: string;
}

export function identityOf({ netpol, show }: Input, { rule, uri, range, message }: FileFinding): Identity {
  const placed = netpol.workspace.file(uri)?.documentAt(range.start);
  const at = placed === undefined ? 0 : range.start - placed.offset;
  const resource =
    placed && resourcesOf(placed.document).find(({ node }) => node.range.start <= at && at <= node.range.end);
  const part = (field: string) => scalarText(valueAt(valueAt(resource?.node, 'metadata'), field));
  const name = [part('namespace'), part('name')].filter((each) => each !== '').join('/');
  return {
    rule: rule.id,
    file: show(uri).replaceAll('\\', '/'),
    object: resource === undefined ? '' : [resource.kind.kind, name].filter((each) => each !== '').join(' '),
    message,
  };
}

/** Names of findings for tools that follow them from run to run; findings that are alike are counted. */
export function fingerprints(input: Input, findings: readonly FileFinding[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { rule, file, object } = identityOf(input, finding);
    const key = JSON.stringify([rule, file, object]);
    const n = (seen.get(key) ?? 0) + 1;
    seen.set(key, n);
    return createHash('sha256').update(`${key}:${n}`).digest('hex').slice(0, 32);
  });
}

function scalarText(node: YamlNode | undefined): string {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : '';
}

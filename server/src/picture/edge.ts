/**
 * A connection that is allowed, in np-guard's words: nodes are `namespace/name[Kind]`, ranges of addresses
 * (`a.b.c.d-e.f.g.h[External]`), `{ingress-controller}`, `entire-cluster`, or pods that no manifest has
 * (`[all namespaces]/[pod with {app=x}]`); `conn` is "All Connections" or like "TCP 80,443-444,UDP 53", with what passes only under a condition in brackets.
 * Source: netpol-analyzer, docs/connlist_output.md and docs/exposure_analysis.md.
 */
export interface Edge {
  readonly src: string;
  readonly dst: string;
  readonly conn: string;
  /** Missing: allowed. One end's rule names the other, whose policies deny it: nothing passes. */
  readonly kind?: 'one-sided';
}

/** How a node is drawn: pods of a namespace, addresses outside, what lets traffic in, or pods not known by name. */
export type NodeRole = 'pods' | 'outside' | 'entry' | 'unnamed';

/** A node's name taken apart. */
export interface NodeName {
  readonly role: NodeRole;
  /** Undefined outside of the namespaces that have a name. */
  readonly namespace: string | undefined;
  /** What to write in a picture, line by line. */
  readonly lines: readonly string[];
}

/** Never fails: what has no known form is shown as it is, beside the namespaces. */
export function nodeName(text: string): NodeName {
  // Namespaces are DNS labels, so neither a range of addresses nor a label's key is taken for one.
  const [, namespace, rest] = /^([a-z0-9-]+)\/(.+)$/s.exec(text) ?? [];
  if (namespace !== undefined && rest !== undefined) {
    const [, name, kind] = /^([^[\]]+)\[(\w+)\]$/.exec(rest) ?? [];
    if (name === undefined || kind === undefined) return { role: 'unnamed', namespace, lines: [rest] };
    return { role: 'pods', namespace, lines: [name, kind] };
  }
  if (/^\{.*\}$/s.test(text)) return { role: 'entry', namespace: undefined, lines: [text.slice(1, -1)] };
  if (/^[\d.:a-f]+(?:-[\d.:a-f]+|\/\d+)?(?:\[External\])?$/i.test(text)) {
    return { role: 'outside', namespace: undefined, lines: [rangeWords(text.replace('[External]', ''))] };
  }
  return { role: 'unnamed', namespace: undefined, lines: [text] };
}

/** Ranges in short: those that together are most of the space are what the others leave of it. */
export function outsideWords(names: readonly string[]): string {
  const ranges = names.map((name) => name.replace('[External]', ''));
  const size = ranges.map(sizeOf).reduce((sum, each) => sum + each, 0);
  return size > 2 ** 31 && size < 2 ** 32 ? 'any other IPv4 address' : shortly(ranges.map(rangeWords));
}

/** "a", "a and b", "a, b and c", "a, b and 3 more". */
export function shortly(names: readonly string[]): string {
  const shown = names.length <= 3 ? names : [...names.slice(0, 2), `${names.length - 2} more`];
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** "any IPv4 address", "10.0.0.0/8", "192.0.2.1": a range that is a block as that block, any other as it is. */
function rangeWords(text: string): string {
  const [first = '', last] = text.split('-');
  const size = sizeOf(text);
  if (last === undefined || size === 0) return text;
  if (size === 1) return first;
  const bits = Math.log2(size);
  if (bits === 32) return 'any IPv4 address';
  return Number.isInteger(bits) && numberOf(first) % size === 0 ? `${first}/${32 - bits}` : text;
}

/** How many addresses a range of IPv4 has; 0 for any other text. */
function sizeOf(text: string): number {
  const [, first, last] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? [];
  return first === undefined || last === undefined ? 0 : numberOf(last) - numberOf(first) + 1;
}

/** An IPv4 address as a number, to put addresses in order; NaN for any other text. */
export function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The parts of a connection, one for each protocol: "TCP 80,443,UDP 53" is "TCP 80,443" and "UDP 53". */
export function protocolsOf(conn: string): readonly string[] {
  return conn.split(/,\s*(?=[A-Za-z])/);
}

/** A list of ports that would make the picture wide goes on in the next line. */
export function folded(text: string): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=,)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= 32) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines;
}

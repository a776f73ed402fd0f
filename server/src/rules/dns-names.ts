/**
 * Whether some name is one that both patterns of Cilium's take in: `*` stands for letters within one label, a leading
 * `**.` for labels, and `*` alone for every name. Source: FACTS B5 (fqdn/matchpattern ToAnchoredRegexp).
 */
export function namesOverlap(one: string, other: string): boolean {
  const [a, b] = [tokens(one), tokens(other)];
  const seen = new Set<number>();
  const meet = (i: number, j: number): boolean => {
    const place = i * (b.length + 1) + j;
    if (seen.has(place)) return false;
    seen.add(place);
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) return true;
    if (isStar(x) && (meet(i + 1, j) || (takes(x, y) && meet(i, j + 1)))) return true;
    if (isStar(y) && (meet(i, j + 1) || (takes(y, x) && meet(i + 1, j)))) return true;
    return x === y && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}

function tokens(pattern: string): readonly string[] {
  const text = pattern.toLowerCase().replace(/\.$/, '');
  if (text === '*') return ['**'];
  const [head, rest] = text.startsWith('**.') ? ['**', text.slice(2)] : [undefined, text];
  return [...(head === undefined ? [] : [head]), ...rest];
}

function isStar(token: string | undefined): token is string {
  return token === '*' || token === '**';
}

function takes(star: string, token: string | undefined): boolean {
  return token !== undefined && (star === '**' || (token !== '.' && token !== '**'));
}

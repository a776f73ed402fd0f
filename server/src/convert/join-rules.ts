import type { PlainPeer, PlainRule } from './plain-policy.js';

/**
 * Rules that follow each other, and differ only in their other ends or only in their ports, as one. A rule of Calico has
 * one protocol and one kind of other end, so that what one rule says elsewhere takes several there.
 */
export function joinRules(rules: readonly PlainRule[]): readonly PlainRule[] {
  // First the protocols of each end, then the ends that have the same ports.
  return joinedBy(joinedBy(rules, portsJoined), peersJoined);
}

function joinedBy(
  rules: readonly PlainRule[],
  join: (a: PlainRule, b: PlainRule) => PlainRule | undefined,
): readonly PlainRule[] {
  const done: PlainRule[] = [];
  for (const rule of rules) {
    const last = done.at(-1);
    const one = last?.direction === rule.direction ? join(last, rule) : undefined;
    if (one !== undefined) done.pop();
    done.push(one ?? rule);
  }
  return done;
}

function portsJoined(a: PlainRule, b: PlainRule): PlainRule | undefined {
  if (a.ports === undefined || b.ports === undefined || keyOf(a.peers) !== keyOf(b.peers)) return undefined;
  return { ...a, ports: [...a.ports, ...b.ports] };
}

function peersJoined(a: PlainRule, b: PlainRule): PlainRule | undefined {
  if (a.peers === undefined || b.peers === undefined) return undefined;
  if (JSON.stringify(a.ports) !== JSON.stringify(b.ports)) return undefined;
  return { ...a, peers: [...a.peers, ...b.peers] };
}

function keyOf(peers: readonly PlainPeer[] | undefined): string {
  const plain = peers?.map((peer) =>
    peer.kind === 'pods' ? peer : [peer.cidr.canonical, peer.except.map(({ canonical }) => canonical)],
  );
  return JSON.stringify(plain ?? null);
}

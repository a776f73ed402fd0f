import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { endpointName, podsName } from '#server/engine/connection-names.js';
import { explain, type Part } from '#server/engine/explain.js';
import type { Endpoint } from '#server/engine/stages.js';
import { nodeFiles } from '#server/host/node-files.js';
import { parseAddress } from '#server/model/addresses.js';
import { allOf, type PortSet, printConnections, ports, union } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';

interface ExplainCase {
  readonly dir: string;
  readonly options: {
    readonly focusWorkloads?: readonly string[];
    readonly focusConn?: string;
    readonly explainOnly?: 'allow' | 'deny';
  };
  readonly expected: string;
}

const root = join(process.cwd(), 'test/corpus/np-guard');
const cases = JSON.parse(readFileSync(join(root, 'explain-cases.json'), 'utf8')) as readonly ExplainCase[];

/**
 * np-guard credits of one policy the first rule that allows a connection, netpol each: what is seen of a policy when it
 * is looked at this way must be the same. Told in docs/differences.md.
 */
const severalRulesMatch = ['onlineboutique_workloads_with_ingress', 'exposure_to_new_namespace_conn_and_entire_cluster'];
let compared = 0;

for (const { dir, options, expected } of cases) {
  test(`${dir} ${JSON.stringify(options)}: the same rules are credited`, async () => {
    const netpol = await Netpol.open(nodeFiles(), [pathToFileURL(join(root, 'tests', dir)).toString()]);
    const cluster = clusterOf(netpol.workspace.index.scopes, { profile: netpol.settings.profile, unset: 'default' });
    const wanted = groupsOf(readFileSync(join(root, 'expected', expected), 'utf8'));
    let differ = false;
    assert.ok(wanted.size > 0, `${expected} tells of no pair`);
    for (const [pair, groups] of wanted) {
      const [from, to] = pair.split(' => ').map((name) => endOf(cluster, name));
      // The ingress controller and pods that stand for unknown ones are no ends of a question here.
      if (from === undefined || to === undefined) continue;
      const parts = explain(cluster, from, to, askedPorts(options.focusConn)).filter(
        ({ allowed }) => options.explainOnly === undefined || allowed === (options.explainOnly === 'allow'),
      );
      const own = severalRulesMatch.includes(dir) ? firstRulesOnly(parts) : parts.map((part) => groupOf(part));
      if (severalRulesMatch.includes(dir)) differ ||= parts.some((part) => !own.includes(groupOf(part)));
      assert.deepEqual([...own].sort(), [...groups].sort(), `${pair} in ${expected}`);
      compared++;
    }
    assert.equal(differ, severalRulesMatch.includes(dir), 'the difference is gone; take it out of the list');
    if (Object.keys(options).some((option) => option !== 'exposure')) return;
    const names = [...new Set(cluster.pods.map(podsName))];
    for (const from of names) {
      for (const to of names) if (from !== to) assert.ok(wanted.has(`${from} => ${to}`), `${from} => ${to}: not compared`);
    }
  });
}

test('every pair of the cases was compared', () => {
  assert.equal(cases.length, 35);
  assert.equal(compared, 472);
});

/** A part as "Denied TCP 80: Egress NetworkPolicy shop/api allows 1; ...". */
function groupOf(part: Part): string {
  return `${part.allowed ? 'Allowed' : 'Denied'} ${printConnections(part.ports)}: ${creditsOf(part).join('; ')}`;
}

/** The parts as they are when of each policy's rules that allow only the first counts. */
function firstRulesOnly(parts: readonly Part[]): readonly string[] {
  const merged = new Map<string, PortSet>();
  for (const part of parts) {
    const seen = new Set<string>();
    const credits = creditsOf(part).filter((credit) => {
      const policy = credit.replace(/ allows .*/, '');
      return policy === credit || !(seen.has(policy) || !seen.add(policy));
    });
    const key = `${part.allowed ? 'Allowed' : 'Denied'} CONNECTIONS: ${credits.join('; ')}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? part.ports : union(known, part.ports));
  }
  return [...merged].map(([key, set]) => key.replace('CONNECTIONS', printConnections(set)));
}

function creditsOf({ egress, ingress }: Part): readonly string[] {
  const credits = [egress, ingress].flatMap((side) =>
    side.layers.flatMap(({ because }) =>
      because.map(({ policy: { placed, namespace }, rule, effect }) => {
        const { kind, name } = placed.value;
        const direction = side.direction === 'egress' ? 'Egress' : 'Ingress';
        const said = rule === undefined ? 'isolates' : `${effect} ${rule.name ?? rule.index + 1}`;
        return `${direction} ${kind} ${namespace === undefined ? '' : `${namespace.name}/`}${name} ${said}`;
      }),
    ),
  );
  return [...new Set(credits)].sort();
}

/** np-guard's text in the same words, by pair. */
function groupsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  let pair = '';
  let group = '';
  let direction = '';
  let credits: string[] = [];
  const close = () => {
    if (group !== '') groups.get(pair)?.push(`${group}: ${[...new Set(credits)].sort().join('; ')}`);
    group = '';
    credits = [];
  };
  const [told = ''] = text.split(/^Exposure Analysis Result:$/m);
  for (const line of told.split('\n')) {
    const opened = /^Connections between (.*):$/.exec(line)?.[1];
    const begun = /^\t(Allowed|Denied) (.*) due to (?:the following|the system|existence)/.exec(line);
    const byDefault = /^(\S.*? => \S.*)$/.exec(line)?.[1];
    const side = /^\t\t(Egress|Ingress) /.exec(line)?.[1];
    const credit = /(\w+NetworkPolicy|NetworkPolicy) '([^']+)' (.*)$/.exec(line);
    if (opened !== undefined) {
      close();
      pair = opened;
      groups.set(pair, []);
    } else if (begun !== null) {
      close();
      group = `${begun[1]} ${portsIn(begun[2] ?? '')}`;
    } else if (byDefault !== undefined) {
      close();
      groups.set(byDefault, ['Allowed All Connections: ']);
    } else if (side !== undefined) direction = side;
    else if (credit !== null) {
      const decided = /^(allows|denies|passes) connections by (?:Egress|Ingress) rule #?(.*)$/.exec(credit[3] ?? '');
      credits.push(`${direction} ${credit[1]} ${credit[2]} ${decided === null ? 'isolates' : `${decided[1]} ${decided[2]}`}`);
    }
  }
  close();
  return groups;
}

/** "TCP:[1-79,81-65535], UDP, SCTP" in the words of the lists. */
function portsIn(text: string): string {
  const set = [...text.matchAll(/(TCP|UDP|SCTP)(?::\[([\d,-]+)\])?/g)].reduce<PortSet>(
    (all, [, protocol, numbers]) => {
      const own = protocol as 'TCP' | 'UDP' | 'SCTP';
      if (numbers === undefined) return union(all, allOf(own));
      return numbers
        .split(',')
        .map((each) => each.split('-').map(Number))
        .reduce((sum, [first, last]) => union(sum, ports(own, first, last ?? first)), all);
    },
    { byProtocol: new Map(), named: [] },
  );
  return printConnections(set);
}

function askedPorts(connection: string | undefined): PortSet {
  const [protocol, port] = connection?.split('-') ?? [];
  if (protocol !== undefined) return ports(protocol.toUpperCase() as 'TCP', Number(port));
  return [allOf('TCP'), allOf('UDP'), allOf('SCTP')].reduce(union);
}

function endOf(cluster: Cluster, name: string): Endpoint | undefined {
  const pods = cluster.pods.find((each) => podsName(each) === name);
  if (pods !== undefined) return { kind: 'pods', pods };
  const [first, last] = name.replace('[External]', '').split('-').map(parseAddress);
  if (first === undefined || last === undefined) return undefined;
  const end: Endpoint = { kind: 'addresses', addresses: { v4: [{ first: first.value, last: last.value }], v6: [] } };
  assert.equal(`${endpointName(end)}[External]`, name);
  return end;
}

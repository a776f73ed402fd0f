import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  Range,
  SymbolKind,
} from 'vscode-languageserver-types';
import type { Pods } from '../../engine/cluster.js';
import { workloadName } from '../../engine/connection-names.js';
import { explain } from '../../engine/explain.js';
import { entireCluster } from '../../engine/exposure.js';
import { workloadsSelected } from '../../engine/matching.js';
import type { Neighbourhood } from '../../engine/neighbours.js';
import { ruleName } from '../../engine/policy-title.js';
import { type Endpoint, podsEnd } from '../../engine/stages.js';
import type { Steps } from '../../engine/steps.js';
import { type AddressSet, allIPv4, equal, isAll, printAddresses } from '../../model/addresses.js';
import type { Direction, Rule } from '../../model/policy.js';
import { isEmpty, isAll as isEveryPort, type PortSet, printPorts } from '../../model/ports.js';
import { count, list } from '../../model/print.js';
import type { Workload } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { cursorAt, membersAt } from '../cursor.js';
import { defineFeature, inSteps, type PlaceParams, placeIn } from '../feature.js';
import { unset } from '../map/map-arrow.js';
import { locate } from '../places.js';
import { neighbourhoodOf } from './lens-words.js';

/** What an item's children are asked by. Items that have none carry no data. */
interface ItemData {
  readonly scope: string;
  /** Of the pods, as `podsName` has it. */
  readonly name: string;
}

export const prepareHierarchyFeature = defineFeature({
  method: 'textDocument/prepareCallHierarchy',
  doc: 'The workload at a place, or those that the policy there selects, to ask who may connect to it.',
  capability: () => ({ callHierarchyProvider: true }),
  afterLoad: true,
  answer({ netpol }, params: PlaceParams) {
    const at = placeIn(netpol, params);
    const found = at === undefined ? [] : itemsAt(netpol, at.uri, at.offset);
    return found.length === 0 ? null : found;
  },
});

export const incomingFeature = defineFeature({
  method: 'callHierarchy/incomingCalls',
  doc: 'By whom a workload may be reached, on which ports, and the rules that allow it.',
  async answer(asked, { item }: { readonly item: CallHierarchyItem }) {
    const calls = await inSteps(asked, () => callsOf(asked.netpol, item, 'ingress'));
    return calls.map(
      ({ item: from, ranges }): CallHierarchyIncomingCall => ({
        from,
        fromRanges: ranges(from.uri) ?? [from.selectionRange],
      }),
    );
  },
});

export const outgoingFeature = defineFeature({
  method: 'callHierarchy/outgoingCalls',
  doc: 'Whom a workload may reach, on which ports, and the rules that allow it.',
  async answer(asked, { item }: { readonly item: CallHierarchyItem }) {
    const calls = await inSteps(asked, () => callsOf(asked.netpol, item, 'egress'));
    return calls.map(
      ({ item: to, ranges }): CallHierarchyOutgoingCall => ({
        to,
        fromRanges: ranges(item.uri) ?? [item.selectionRange],
      }),
    );
  },
});

/** A level of the tree shows no more, and says how many there are. */
const shownCalls = 200;
const shownRoots = 20;

// Numbers of the protocol's `SymbolKind`.
const workloadKind: SymbolKind = 5;
const outsideKind: SymbolKind = 4;

function itemsAt(netpol: Netpol, uri: string, offset: number): readonly CallHierarchyItem[] {
  const cursor = cursorAt(netpol.workspace, uri, offset);
  if (cursor === undefined) return [];
  const members = membersAt(netpol.workspace, cursor);
  const several = members.length > 1;
  return members
    .flatMap(({ scope, policy, workload }) => {
      const meant =
        workload !== undefined ? [workload] : policy === undefined ? [] : workloadsSelected(scope, policy).sure;
      return meant.slice(0, shownRoots).flatMap((each) => {
        const item = itemOf(netpol, scope, workloadName(each, unset), each);
        return item === undefined ? [] : [several ? { ...item, detail: `${item.detail}, ${scope.title}` } : item];
      });
    })
    .slice(0, shownRoots);
}

interface Call {
  readonly item: CallHierarchyItem;
  /** The lines of rules that allow it in a document; undefined where none stands there. */
  ranges(uri: string): Range[] | undefined;
}

function* callsOf(netpol: Netpol, item: CallHierarchyItem, direction: Direction): Steps<readonly Call[]> {
  const data: Partial<ItemData> = typeof item.data === 'object' && item.data !== null ? item.data : {};
  const scope = netpol.workspace.index.scopes.find(({ id }) => id === data.scope);
  if (scope === undefined || typeof data.name !== 'string') return [];
  const near = neighbourhoodOf(netpol, scope);
  yield;
  const [own] = near.names.get(data.name) ?? [];
  if (own === undefined) return [];
  const found = yield* near.steps(data.name, direction);
  const beyond = (name: string, end: Endpoint | undefined, ports: PortSet): readonly Call[] => {
    if (isEmpty(ports)) return [];
    const { words, ranges } = end === undefined ? nothingSaid : allowing(netpol, near, own, end, ports, direction);
    return [{ item: { ...placeOnly(item), name, kind: outsideKind, detail: detailOf(ports, words) }, ranges }];
  };
  const known: Call[] = [];
  for (const { name, pods, ports } of found.pods.slice(0, shownCalls)) {
    const [first] = pods;
    const [workload] = first?.workloads ?? [];
    const child = workload && itemOf(netpol, scope, name, workload);
    if (first === undefined || child === undefined) continue;
    const { words, ranges } = allowing(netpol, near, own, podsEnd(first), ports, direction);
    known.push({ item: { ...child, detail: detailOf(ports, [...words, child.detail ?? '']) }, ranges });
    yield;
  }
  const left = found.pods.length - shownCalls;
  const outside: Call[] = [];
  for (const { addresses, ports } of found.outside) {
    outside.push(...beyond(outsideName(addresses), { kind: 'addresses', addresses }, ports));
    yield;
  }
  return [
    ...outside,
    ...beyond('ingress controllers', undefined, found.controller),
    ...beyond('any pod of the cluster', entireCluster, found.anyPod),
    ...known,
    ...(left > 0
      ? [
          {
            item: { ...placeOnly(item), name: `and ${count(left, 'more workload')}`, kind: outsideKind },
            ranges: () => undefined,
          },
        ]
      : []),
  ];
}

const nothingSaid = { words: [], ranges: () => undefined };

/** The place of an item, for children that are written nowhere. */
function placeOnly({ uri, range, selectionRange }: CallHierarchyItem) {
  return { uri, range, selectionRange };
}

function outsideName(addresses: AddressSet): string {
  // Where no policy speaks of IPv6, only IPv4 is looked at.
  if (isAll(addresses) || equal(addresses, allIPv4)) return 'outside of the cluster';
  const text = printAddresses(addresses);
  const short = text.length <= 60 ? text : `${text.slice(0, 60)}…`;
  return `outside of the cluster: ${short}`;
}

function detailOf(ports: PortSet, words: readonly string[]): string {
  return [isEveryPort(ports) ? 'every port' : printPorts(ports), ...words].filter((each) => each !== '').join(' · ');
}

/** The rules that let a connection through, on both ends. */
function allowing(
  netpol: Netpol,
  { cluster, judge }: Neighbourhood,
  own: Pods,
  other: Endpoint,
  ports: PortSet,
  direction: Direction,
) {
  const [from, to] = direction === 'ingress' ? [other, podsEnd(own)] : [podsEnd(own), other];
  const rules = new Map<Rule, string>();
  for (const part of explain(cluster, from, to, ports, judge)) {
    if (!part.allowed) continue;
    for (const { layers } of [part.ingress, part.egress]) {
      for (const { policy, rule, effect } of layers.flatMap(({ because }) => because)) {
        if (rule !== undefined && effect === 'allows') rules.set(rule, ruleName({ policy, rule }));
      }
    }
  }
  const names = [...new Set(rules.values())];
  return {
    words: names.length === 0 ? ['no policy restricts it'] : [list(names, 2)],
    ranges(uri: string): Range[] | undefined {
      const found = [...rules.keys()].flatMap(({ at }) => {
        const place = locate(netpol.workspace, at);
        return place?.uri === uri ? [place.range] : [];
      });
      return found.length === 0 ? undefined : found;
    },
  };
}

function itemOf(
  { workspace }: Netpol,
  scope: Scope,
  name: string,
  workload: Placed<Workload>,
): CallHierarchyItem | undefined {
  const { value, resource } = workload;
  const selection = locate(workspace, value.at);
  const whole = locate(workspace, { document: resource.node.document, range: resource.node.range });
  if (selection === undefined) return undefined;
  const range = whole?.uri === selection.uri && holds(whole.range, selection.range) ? whole.range : selection.range;
  const data: ItemData = { scope: scope.id, name };
  return {
    name: value.name === '' ? '(unnamed)' : value.name,
    kind: workloadKind,
    detail: placeWords(workload),
    uri: selection.uri,
    range,
    selectionRange: selection.range,
    data,
  };
}

function placeWords({ value, namespace }: Placed<Workload>): string {
  return namespace.name === undefined ? value.kind : `${value.kind} in ${namespace.name}`;
}

/** As the protocol asks of an item: what is selected stands within the whole. */
function holds(outer: Range, inner: Range): boolean {
  const before = (a: Range['start'], b: Range['start']) =>
    a.line < b.line || (a.line === b.line && a.character <= b.character);
  return before(outer.start, inner.start) && before(inner.end, outer.end);
}

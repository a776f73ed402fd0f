import type { Position, TextDocumentIdentifier } from 'vscode-languageserver-types';
import { type Cluster, clusterOf, type Pods } from '../../engine/cluster.js';
import { podsName } from '../../engine/connection-names.js';
import { selectsPods } from '../../engine/stages.js';
import type { Steps } from '../../engine/steps.js';
import { list } from '../../model/print.js';
import type { Netpol } from '../../service.js';
import { keyOf } from '../../workspace/files.js';
import type { Scope } from '../../workspace/scope.js';
import { type Cursor, cursorAt, policyAt, workloadAt } from '../cursor.js';
import { defineFeature, inSteps, placeIn } from '../feature.js';
import { scopesFor } from './explain-request.js';

/** The namespace of objects that name none, as kubectl has it. */
const unset = 'default';

/** `netpol/endpoints`: where a question is asked; a position tells what it is likely to be about. */
export interface EndpointsParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly position?: Position;
}

/** What can be asked about in the scopes of a document, by the names that `netpol/explain` takes. */
export interface EndpointItem {
  readonly name: string;
  readonly kind: 'workload' | 'service' | 'outside';
  /** The ports of a service, or of a workload's containers: `80`, `8080 http`. */
  readonly ports: readonly { readonly port: number; readonly name?: string; readonly protocol: string }[];
  /** The labels of a workload's pods, a few of them: `app=api and tier=web`. */
  readonly labels?: string;
  /**
   * The end that it most likely is, for the workload at the cursor or one that the policy there selects: the destination
   * of a policy for ingress alone, else the source.
   */
  readonly here?: 'from' | 'to';
}

export const endpointsFeature = defineFeature({
  method: 'netpol/endpoints',
  doc: 'What a question about a connection can be about.',
  afterLoad: true,
  answer: (asked, params: EndpointsParams) => inSteps(asked, () => endpoints(asked.netpol, params)),
});

/** The workloads and services of a document's scopes, each name once, and what is outside of the cluster, last. */
function* endpoints(netpol: Netpol, { textDocument, position }: EndpointsParams): Steps<readonly EndpointItem[]> {
  const at = position === undefined ? undefined : placeIn(netpol, { textDocument, position });
  const cursor = at === undefined ? undefined : cursorAt(netpol.workspace, at.uri, at.offset);
  const items = new Map<string, EndpointItem>();
  for (const scope of scopesFor(netpol, keyOf(textDocument.uri))) {
    const cluster = clusterOf([scope], { profile: netpol.profileOf(scope), unset });
    yield;
    const here = cursor === undefined ? () => undefined : atCursor(cursor, scope, cluster);
    for (const [index, pods] of cluster.pods.entries()) {
      if (index % atOnce === atOnce - 1) yield;
      const role = here(pods);
      const labels = [...pods.labels].map(([key, value]) => `${key}=${value}`);
      const name = podsName(pods);
      items.set(name, {
        name,
        kind: 'workload',
        ports: pods.ports,
        ...(labels.length === 0 ? {} : { labels: list(labels, 3) }),
        ...(role === undefined ? {} : { here: role }),
      });
    }
    for (const [index, { value, namespace }] of cluster.services.entries()) {
      if (index % atOnce === atOnce - 1) yield;
      const name = `svc/${cluster.namespaceOf(namespace).name}/${value.name}`;
      const ports = value.ports.map(({ port, name, protocol }) => ({
        port,
        protocol,
        ...(name === undefined ? {} : { name }),
      }));
      items.set(name, { name, kind: 'service', ports });
    }
  }
  items.set('internet', { name: 'internet', kind: 'outside', ports: [] });
  return [...items.values()];
}

/** How many ends are listed in one step. */
const atOnce = 500;

function atCursor(cursor: Cursor, scope: Scope, cluster: Cluster): (pods: Pods) => EndpointItem['here'] {
  const workload = workloadAt(cursor, scope);
  if (workload !== undefined) return (pods) => (pods.workloads.includes(workload) ? 'from' : undefined);
  const placed = policyAt(cursor, scope);
  const applied = cluster.policies.find((policy) => policy.placed === placed);
  if (applied === undefined) return () => undefined;
  const { isolates, rules } = applied.placed.value;
  const inward = isolates.includes('ingress') && !rules.some(({ direction }) => direction === 'egress');
  return (pods) => (selectsPods(applied, pods) === 'yes' ? (inward ? 'to' : 'from') : undefined);
}

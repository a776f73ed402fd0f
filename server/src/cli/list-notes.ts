import { nameLabel } from '../engine/cluster.js';
import { podsName } from '../engine/connection-names.js';
import { policyName } from '../engine/describe.js';
import { type ControllerConnection, podOutsideManifests } from '../engine/ingress-controller.js';
import { locate } from '../features/places.js';
import type { Policy } from '../model/policy.js';
import { isEmpty, printPorts } from '../model/ports.js';
import { count, list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';
import type { Input } from './input.js';
import type { Listing } from './listing.js';

/** What the reader of a list has to know, sentence by sentence: what was not read, what is not known, what is blocked. */
export function notesOn(input: Input, listings: readonly Listing[]): readonly string[] {
  return [
    ...input.netpol.workspace.unread.map(({ uri, reason }) => `${input.show(uri)} was not read: ${reason}`),
    ...brokenFiles(input),
    ...listings.flatMap((listing) => [...partlyUnknown(listing), ...blockedEntries(input, listing)]),
  ];
}

function brokenFiles({ netpol, uris, show }: Input): readonly string[] {
  const broken = uris.filter((uri) =>
    netpol.workspace.file(uri)?.documents.some(({ document }) => document.problems.length > 0),
  );
  return broken.map(
    (uri) => `${show(uri)} is not all YAML; what cannot be read of it does not count (see \`netpol check\`)`,
  );
}

/** Such policies count with what can be read of them. */
function partlyUnknown({ scope }: Listing): readonly string[] {
  const unknown = scope.policies.filter(({ value }) => isPartlyUnknown(value));
  if (unknown.length === 0) return [];
  const names = list([...new Set(unknown.map(policyName))], 4);
  const templated = unknown.some(({ value }) => value.at.document.text.includes('{{'));
  return [
    `${count(unknown.length, 'policy')} in ${scope.title} cannot be read in full (${names}), so more or less may be allowed than is listed; ` +
      (templated ? 'for a chart, list what `helm template` prints' : '`netpol check` says why'),
  ];
}

function isPartlyUnknown({ uncertain, subject, rules }: Policy): boolean {
  return (
    uncertain || subject.uncertain || rules.some((rule) => rule.uncertain || rule.peers.some((peer) => peer.uncertain))
  );
}

function blockedEntries(input: Input, listing: Listing): readonly string[] {
  return listing.controller
    .filter((connection) => !isEmpty(connection.blocked) && !knownControllerPasses(input, listing, connection))
    .map(({ pods, blocked, blockedBy, entries }) => {
      const senders = list(
        entries.map((entry) => `${entry.value.kind} ${nameOf(listing, entry)}`),
        3,
      );
      const policies = list(
        blockedBy.map(({ placed }) => `${policyName(placed)} (${placeOf(input, placed)})`),
        3,
      );
      return (
        `${senders} ${entries.length === 1 ? 'sends' : 'send'} to ${podsName(pods)} on ${printPorts(blocked)}, ` +
        `which ${policies} ${blockedBy.length === 1 ? 'blocks' : 'block'} for pods that no rule names, so the list leaves it out; ` +
        'allow the pods of your ingress controller if no rule does'
      );
    });
}

/** Whether the controller that the settings name (ingress-nginx unless they say so) is let in by its labels. */
function knownControllerPasses(
  { netpol }: Input,
  { cluster, judge }: Listing,
  { pods, blocked }: ControllerConnection,
): boolean {
  const { namespace, namespaceLabels, labels } = netpol.settings.profile.ingressControllers[0];
  const own = cluster.namespaces.get(namespace)?.labels ?? new Map([[nameLabel, namespace]]);
  const controller = podOutsideManifests(
    { name: namespace, labels: new Map([...own, ...namespaceLabels]), open: false },
    labels,
  );
  const open = judge.side('ingress', controller, { kind: 'pods', pods });
  const { table } = judge;
  return table.subtract(table.idOf(blocked), open) === table.none;
}

function nameOf({ cluster }: Listing, { value, namespace }: Placed<{ readonly name: string }>): string {
  return `${cluster.namespaceOf(namespace).name}/${value.name}`;
}

/** `FILE:LINE`, the line from one. */
function placeOf(input: Input, { value: { at } }: Placed<{ readonly at: Place }>): string {
  const found = locate(input.netpol.workspace, at);
  return found === undefined ? '' : `${input.show(found.uri)}:${found.range.start.line + 1}`;
}

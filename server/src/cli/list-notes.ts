import { podsName } from '../engine/connection-names.js';
import { policyName } from '../engine/describe.js';
import { doubtWords, lackingFor } from '../engine/doubts.js';
import { effectiveOfWorkload } from '../engine/effective.js';
import { entrySenders } from '../engine/entry-senders.js';
import type { ControllerConnection } from '../engine/ingress-controller.js';
import { admits, sendersAt, targetsOf } from '../engine/senders.js';
import { locate } from '../features/places.js';
import type { Policy } from '../model/policy.js';
import { isEmpty, printPorts } from '../model/ports.js';
import { count, list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';
import type { Input } from './input.js';
import type { Listing } from './listing.js';
import { scopeNotes } from './scope-notes.js';

/** What the reader of a list has to know, sentence by sentence: what was not read, what is not known, what is blocked. */
export function notesOn(input: Input, listings: readonly Listing[]): readonly string[] {
  return [
    ...input.netpol.workspace.unread.map(({ uri, reason }) => `${input.show(uri)} was not read: ${reason}`),
    ...brokenFiles(input),
    ...scopeNotes(
      input,
      listings.map(({ scope }) => scope),
    ),
    ...listings.flatMap((listing) => [
      ...partlyUnknown(listing),
      ...lacking(listing),
      ...blockedEntries(input, listing),
    ]),
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

/** Such policies count as if they did not match. */
function lacking({ scope, cluster }: Listing): readonly string[] {
  const found = cluster.policies.map((policy) => ({ policy, doubts: lackingFor(cluster, policy) }));
  const unsure = found.filter(({ doubts }) => doubts.length > 0);
  if (unsure.length === 0) return [];
  const names = list([...new Set(unsure.map(({ policy }) => policyName(policy.placed)))], 4);
  const why = doubtWords(unsure.flatMap(({ doubts }) => doubts));
  return [`more or less may be allowed in ${scope.title} than is listed, by ${names}: ${why}`];
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

/** Whether the controller is let in as far as it is known who it is, or by the labels and place that it usually has. */
function knownControllerPasses(
  { netpol }: Input,
  { scope }: Listing,
  { pods, blocked, entries }: ControllerConnection,
): boolean {
  const profile = netpol.profileOf(scope);
  return entries.every((entry) => {
    const { senders, usual } = entrySenders(scope, profile, entry);
    const all = [...senders, ...(usual === undefined ? [] : [sendersAt(usual)])];
    return pods.workloads.every((workload) => {
      const { ingress } = effectiveOfWorkload(scope, workload);
      return targetsOf(blocked).every((target) => admits(scope, ingress, all, workload, target) === 'yes');
    });
  });
}

function nameOf({ cluster }: Listing, { value, namespace }: Placed<{ readonly name: string }>): string {
  return `${cluster.namespaceOf(namespace).name}/${value.name}`;
}

/** `FILE:LINE`, the line from one. */
function placeOf(input: Input, { value: { at } }: Placed<{ readonly at: Place }>): string {
  const found = locate(input.netpol.workspace, at);
  return found === undefined ? '' : `${input.show(found.uri)}:${found.range.start.line + 1}`;
}

import type { Peer } from '../../model/peer.js';
import { count, list } from '../../model/print.js';
import { builtInTiers } from '../../model/tier.js';
import type { Service } from '../../model/workload.js';
import { stringOf } from '../../text/tree.js';
import { clusterWideTypes } from '../../workspace/members.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import type { KnownText } from './field-completion.js';
import { type KnownSite, othersInList, type SiteScope, textAt } from './known-site.js';
import { PolicyUses } from './policy-uses.js';
import { outsideNeeds } from './port-values.js';

/** Names of other objects, at the places that name them: namespaces, services, service accounts, tiers, domains. */
export function nameValues(site: KnownSite): readonly KnownText[] | undefined {
  const answer = answererAt(site);
  if (answer === undefined) return undefined;
  const others = othersInList(site);
  return site.scopes
    .flatMap((where) => answer(where))
    .filter(({ text }) => !others.has(text))
    .map((each) => ({ ...each, text: textAt(site.place, each.text) }));
}

type Answerer = (where: SiteScope) => readonly KnownText[];

function answererAt(site: KnownSite): Answerer | undefined {
  const { path, place } = site;
  const [last, second] = [path.at(-1), path.at(-2)];
  if (place.what === 'node') {
    if (second === 'matchNames') return ({ scope }) => namespaceNames(scope);
    if (second === 'names' && path.at(-3) === 'serviceAccounts') return accounts(site);
    if (second === 'domainNames' || second === 'domains') return domains('either');
    return undefined;
  }
  switch (last) {
    case 'namespace':
      return namespaceAnswer(site);
    case 'serviceName':
      return services(sibling(site, 'namespace'));
    case 'name':
      if (second === 'services' || second === 'service') return services(sibling(site, 'namespace'));
      if (path.at(-3) === 'backendRefs' || (second === 'to' && site.resource.kind.kind === 'Route'))
        return services(sibling(site, 'namespace'));
      return second === 'port' && path.at(-3) === 'service' ? servicePorts(site, 'name') : undefined;
    case 'number':
      return second === 'port' && path.at(-3) === 'service' ? servicePorts(site, 'port') : undefined;
    case 'tier':
      return isCalico(site) ? ({ scope }) => tiers(scope) : undefined;
    case 'cidrGroupRef':
      return ({ scope }) => cidrGroups(scope);
    case 'matchName':
      return domains('names');
    case 'matchPattern':
      return domains('patterns');
    case 'ingressClassName':
      return ({ scope }) => scope.entryClasses.map(({ value: { name } }) => ({ text: name, doc: 'IngressClass' }));
    case 'node':
      return isCalico(site) ? ({ scope }) => scope.nodes.map(({ value: { name } }) => ({ text: name })) : undefined;
    default:
      return undefined;
  }
}

function isCalico({ resource }: KnownSite): boolean {
  return resource.kind.apiVersions.includes('projectcalico.org/v3');
}

function sibling({ path, node }: KnownSite, key: string): string | undefined {
  return stringOf(node([...path.slice(0, -1), key]));
}

function namespaceAnswer({ path, resource: { object } }: KnownSite): Answerer | undefined {
  const isOwn = path.join() === 'metadata,namespace';
  const isOfObjects = /^(?:k8sService|k8sServiceSelector|services)$/.test(String(path.at(-2)));
  if (!isOwn && !isOfObjects && !path.includes('backendRefs')) return undefined;
  const isNowhere =
    object !== undefined &&
    (clusterWideTypes.has(object.type) || ('clusterWide' in object.value && object.value.clusterWide));
  return isOwn && isNowhere ? undefined : ({ scope }) => namespaceNames(scope);
}

function namespaceNames(scope: Scope): readonly KnownText[] {
  const contents = [...scope.namespaces.values()];
  const byName = new Map(contents.map((content) => [content.ref.name, content]));
  const names = new Set([...scope.namespaceObjects.keys(), ...contents.flatMap(({ ref }) => ref.name ?? [])]);
  return [...names]
    .map((text) => {
      const { workloads = [], policies = [] } = byName.get(text) ?? {};
      const held = [
        ...(workloads.length === 0 ? [] : [count(workloads.length, 'workload')]),
        ...(policies.length === 0 ? [] : [count(policies.length, 'policy')]),
      ];
      return { text, doc: held.length === 0 ? 'Holds no workloads yet' : list(held), count: workloads.length };
    })
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

/** Services of a namespace; without one, those of the object's own, and then all others. */
function services(namespace: string | undefined): Answerer {
  return ({ scope, own }) => servicesIn(scope, own?.name, namespace).map(serviceText);
}

function serviceText({ value, namespace }: Placed<Service>): KnownText {
  const ports = value.ports.map(({ port, targetPort }) =>
    port === targetPort ? String(port) : `${port} to the pods’ ${targetPort}`,
  );
  const where = namespace.name === undefined ? '' : ` in ${namespace.name}`;
  const doc = `Service${where}${ports.length === 0 ? '' : `, port ${list(ports, 3)}`}`;
  return { text: value.name, doc };
}

function servicesIn(scope: Scope, own: string | undefined, wanted: string | undefined): readonly Placed<Service>[] {
  const contents = [...scope.namespaces.values()];
  const [near, far] = [
    contents.filter(({ ref }) => ref.name === (wanted ?? own)),
    contents.filter(({ ref }) => ref.name !== own),
  ];
  return (wanted === undefined ? [...near, ...far] : near).flatMap((content) => content.services);
}

/** The ports of the service that stands around them: what an Ingress sends its traffic to. */
function servicePorts(site: KnownSite, field: 'name' | 'port'): Answerer {
  const name = stringOf(site.node([...site.path.slice(0, -2), 'name']));
  return ({ scope, own }) =>
    servicesIn(scope, own?.name, own?.name)
      .filter(({ value }) => value.name === name)
      .flatMap(({ value }) =>
        value.ports.flatMap((each) => {
          const text = each[field];
          const other = field === 'port' ? each.name : String(each.port);
          const doc = [other, each.protocol, `of Service ${value.name}`]
            .filter((word) => word !== undefined)
            .join(', ');
          return text === undefined ? [] : [{ text: String(text), doc }];
        }),
      );
}

/** The accounts of the pods that the rule's end can be: of the own namespace, where the policy has one. */
function accounts(site: KnownSite): Answerer {
  const hasSelector = sibling({ ...site, path: site.path.slice(0, -2) }, 'namespaceSelector') !== undefined;
  return ({ scope, own, policy }) => {
    const isOwn = !hasSelector && policy?.value.clusterWide === false;
    const owners = new Map<string, string[]>();
    for (const { value, namespace } of scope.workloads) {
      if (isOwn && namespace.key !== own?.key) continue;
      const name = value.serviceAccount ?? 'default';
      owners.set(name, [...(owners.get(name) ?? []), value.name]);
    }
    return [...owners]
      .sort(([a, some], [b, more]) => more.length - some.length || (a < b ? -1 : 1))
      .map(([text, names]) => ({
        text,
        doc: `${count(names.length, 'workload')}: ${list(names, 3)}`,
        count: names.length,
      }));
  };
}

function tiers(scope: Scope): readonly KnownText[] {
  return [...scope.tiers.map(({ value }) => value), ...builtInTiers].map(({ name, order, end }) => ({
    text: name,
    doc: `${order === Number.POSITIVE_INFINITY ? 'Judged last' : `Order ${order}`}; what no rule of it decides is ${end === 'Pass' ? 'passed on' : 'denied'}`,
  }));
}

function cidrGroups(scope: Scope): readonly KnownText[] {
  return scope.addressSets
    .filter(({ value }) => value.kind === 'CiliumCIDRGroup')
    .map(({ value }) => ({ text: value.name, doc: 'CiliumCIDRGroup' }));
}

/** Domains that the policy's pods are set up to call, and those that policies of the scope name. */
function domains(which: 'names' | 'patterns' | 'either'): Answerer {
  return ({ scope, policy: own }) => {
    const called = (own === undefined ? [] : outsideNeeds(scope, own)).map(({ host, port, evidence, client }) => ({
      text: host,
      doc: `${evidence.setting} of ${client.value.name} names it, with port ${port}`,
    }));
    const used = domainUses.in(scope, own);
    return [...called, ...used].filter(
      ({ text }) => which === 'either' || text.includes('*') === (which === 'patterns'),
    );
  };
}

const domainUses = new PolicyUses(({ rules }) =>
  rules.flatMap(({ peers, constraints = [] }) => [
    ...peers.flatMap(domainsOf),
    ...constraints.flatMap(({ patterns = [] }) => patterns),
  ]),
);

function domainsOf(peer: Peer): readonly string[] {
  if (peer.kind === 'domains') return peer.patterns;
  return peer.kind === 'all of' ? peer.peers.flatMap(domainsOf) : [];
}

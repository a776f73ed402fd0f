import { calicoRules, globalPolicy, namespacesWithout } from './calico-policy.js';
import { exceptParameter, numberOf } from './cluster-policy.js';
import { portsParameter } from './parameters.js';
import { listOf, policyName, textOf } from './policy.js';
import type { Template, TemplateParameter, TemplateValues } from './template.js';

/**
 * What administrators forbid, in a tier before the default one that passes on all else. In the default tier such a policy
 * would isolate all pods that it is about: what no rule decides is denied there. Source: FACTS B4.
 */

const family = 'calico';

function orderParameter(doc: string, order: string): TemplateParameter {
  return { name: 'order', doc, type: 'number', default: order };
}

const tier: TemplateParameter = {
  name: 'tier',
  doc: 'The tier; calico-tier writes it.',
  type: 'string',
  default: 'security',
};
const tierOrder = orderParameter('The lowest is judged first; the tier of all other policies has 1000000.', '500');

export const calicoTier: Template = {
  id: 'calico-tier',
  title: 'Calico: a tier that passes on what it does not decide',
  description:
    'Judges the policies that are put into it before all others, and leaves to the next tier what none of their rules decides.',
  family,
  layer: undefined,
  parameters: [tier, tierOrder],
  comments: ['Tiers are part of open-source Calico since 3.29.'],
  build: (values) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'Tier',
    metadata: { name: policyName(values, textOf(values, tier)) },
    spec: { order: numberOf(values, tierOrder), defaultAction: 'Pass' },
  }),
};

const needsTier = 'Its tier has to pass on what it does not decide: see calico-tier.';
const policyOrder = 'The lowest of the tier is judged first.';

/** Calico 3.29 to 3.31 wants the tier in the policy's name (FACTS A3.2). */
function nameIn(values: TemplateValues, name: string): string {
  return `${textOf(values, tier)}.${name}`;
}

const sshOrder = orderParameter(policyOrder, '100');
const sshPorts = portsParameter('The ports that are closed to the outside, separated by commas.', '22');
const internal: TemplateParameter = {
  name: 'internal',
  doc: 'The addresses that may connect all the same, as ranges separated by commas: those of pods and nodes.',
  type: 'cidr',
  default: '10.0.0.0/8',
};

export const calicoDenyExternal: Template = {
  id: 'calico-deny-external',
  title: 'Calico: deny a port to what is outside',
  description:
    'Denies all pods and host endpoints connections on these ports from IPv4 addresses outside of the internal ranges, whatever other policies allow; leaves everything else to them.',
  family,
  layer: undefined,
  parameters: [tier, sshOrder, internal, sshPorts],
  comments: [needsTier],
  build(values) {
    const source = { nets: ['0.0.0.0/0'], notNets: listOf(values, internal) };
    const place = { tier: textOf(values, tier), order: numberOf(values, sshOrder), selector: 'all()' };
    return globalPolicy(values, nameIn(values, 'deny-ssh-external'), place, {
      ingress: calicoRules('Deny', { source }, listOf(values, sshPorts)),
    });
  },
};

const metadataOrder = orderParameter(policyOrder, '110');
const exceptSystem = exceptParameter('kube-system');
const metadataCidrs: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses of the metadata service, as ranges separated by commas.',
  type: 'cidr',
  // FACTS D5: most clouds, Alibaba Cloud, and AWS over IPv6.
  default: '169.254.169.254/32,100.100.100.200/32',
};
const metadataCidrsV6: TemplateParameter = {
  name: 'cidrs6',
  doc: 'Its IPv6 addresses.',
  type: 'cidr',
  default: 'fd00:ec2::254/128',
};

export const calicoBlockMetadata: Template = {
  id: 'calico-block-metadata',
  title: "Calico: deny the cloud's metadata service",
  description:
    'Denies the pods of all namespaces but the excepted ones egress to these addresses, whatever other policies allow; leaves everything else to them.',
  family,
  layer: undefined,
  parameters: [tier, metadataOrder, exceptSystem, metadataCidrs, metadataCidrsV6],
  comments: [
    needsTier,
    'Workload identity of GKE and DNS of GKE Cloud DNS use the same address: where the cluster has them, leave it out.',
  ],
  build: (values) =>
    globalPolicy(
      values,
      nameIn(values, 'block-metadata'),
      {
        tier: textOf(values, tier),
        order: numberOf(values, metadataOrder),
        namespaceSelector: namespacesWithout(values, exceptSystem),
      },
      {
        // The addresses of one rule are of one family.
        egress: [metadataCidrs, metadataCidrsV6].map((cidrs) => ({
          action: 'Deny',
          destination: { nets: listOf(values, cidrs) },
        })),
      },
    ),
};

const list: TemplateParameter = {
  name: 'listName',
  doc: 'The name of the list of addresses, and the value of its label "network-set".',
  type: 'string',
  default: 'deny-list',
};
const listed: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses on the list, as ranges separated by commas.',
  type: 'cidr',
  default: '203.0.113.0/24,2001:db8:bad::/48',
};

export const calicoNetworkSet: Template = {
  id: 'calico-network-set',
  title: 'Calico: a list of addresses',
  description: 'Names addresses, so that policies can choose them by a label; by itself it allows and denies nothing.',
  family,
  layer: undefined,
  parameters: [list, listed],
  comments: ['calico-deny-list denies connections from and to them.'],
  build: (values) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkSet',
    metadata: { name: policyName(values, textOf(values, list)), labels: { 'network-set': textOf(values, list) } },
    spec: { nets: listOf(values, listed) },
  }),
};

const listOrder = orderParameter(policyOrder, '50');

export const calicoDenyList: Template = {
  id: 'calico-deny-list',
  title: 'Calico: deny a list of addresses',
  description:
    'Denies all pods and host endpoints connections from and to the addresses of a list, whatever other policies allow; leaves everything else to them.',
  family,
  layer: undefined,
  parameters: [tier, listOrder, list],
  comments: [needsTier, 'The list is a GlobalNetworkSet: calico-network-set.'],
  build(values) {
    const end = { namespaceSelector: 'global()', selector: `network-set == '${textOf(values, list)}'` };
    const place = { tier: textOf(values, tier), order: numberOf(values, listOrder), selector: 'all()' };
    return globalPolicy(values, nameIn(values, 'deny-list'), place, {
      ingress: [{ action: 'Deny', source: end }],
      egress: [{ action: 'Deny', destination: end }],
    });
  },
};

import { appParameter, portsParameter } from './parameters.js';
import { dnsRule, nodeLocalDnsRule } from './peers.js';
import { appLabels, appName, blocks, listOf, namespacePolicy, networkPolicy, portList } from './policy.js';
import { needsEgress } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

const payer = appParameter('that use the API', 'payment-processor');
const apiCidrs: TemplateParameter = {
  name: 'cidrs',
  doc: 'The address ranges of the API, separated by commas.',
  type: 'cidr',
  default: '203.0.113.0/24',
};
const apiPorts = portsParameter('The ports of the API, separated by commas.', '443');

export const allowExternalApi: Template = {
  id: 'allow-external-api',
  title: 'Allow an API outside the cluster',
  description: `Allows the application's pods DNS and connections to these addresses outside the cluster on these ports${needsEgress}`,
  layer: 6,
  parameters: [payer, apiCidrs, apiPorts],
  comments: ['The addresses must be ones that last: a policy of Kubernetes cannot name a host.'],
  build(values) {
    const labels = appLabels(values, payer);
    return networkPolicy(values, `allow-external-api-from-${appName(labels)}`, labels, {
      egress: [
        { to: blocks(listOf(values, apiCidrs)), ports: portList(listOf(values, apiPorts)) },
        dnsRule(values.profile),
      ],
    });
  },
};

const controller = appParameter('that use the API server', 'operator');
const serverCidrs: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses of the API server, as ranges separated by commas: not those of the service "kubernetes".',
  type: 'cidr',
  default: '192.0.2.10/32',
  fromProfile: ({ apiServer }) => apiServer.map(({ canonical }) => canonical),
};
const serverPorts = portsParameter('The ports of the API server, separated by commas.', '443,6443');

export const allowApiServer: Template = {
  id: 'allow-api-server',
  title: 'Allow the Kubernetes API server',
  description: `Allows the application's pods connections to these addresses of the API server on these ports${needsEgress}`,
  layer: 6,
  parameters: [controller, serverCidrs, serverPorts],
  insteadOfNodeAddresses: 'this policy leads nowhere where the API server runs on a node. Use cilium-allow-api-server',
  comments: [
    "The API server's own addresses, as `kubectl get endpoints kubernetes` shows them: most network plugins judge",
    'a connection after the address of the service is replaced.',
  ],
  build(values) {
    const labels = appLabels(values, controller);
    return networkPolicy(values, `allow-api-server-from-${appName(labels)}`, labels, {
      egress: [{ to: blocks(listOf(values, serverCidrs)), ports: portList(listOf(values, serverPorts)) }],
    });
  },
};

/**
 * FACTS D5: link-local addresses hold the metadata services of AWS, GCP, Azure and most others and the credentials of
 * ECS and EKS; Alibaba Cloud's stands elsewhere, and so does AWS's over IPv6.
 */
const metadataV4 = ['169.254.0.0/16', '100.100.100.200/32'];
const metadataV6 = ['fd00:ec2::/32'];

export const blockMetadata: Template = {
  id: 'block-metadata',
  title: "Block the cloud's metadata service",
  description:
    "Allows the pods all egress except to 169.254.0.0/16, 100.100.100.200 and fd00:ec2::/32, where the clouds' metadata services are: these need a policy that allows them.",
  layer: undefined,
  parameters: [],
  comments: [
    'This allows all other egress, to pods and to every address outside the cluster.',
    'Link-local addresses are blocked as a whole, with them those of EKS Pod Identity and ECS credentials; only',
    'DNS to NodeLocal DNSCache is allowed, in clusters that have it.',
  ],
  build(values) {
    const local = nodeLocalDnsRule(values.profile);
    const everything = [
      // An ipBlock is for addresses outside the cluster: not every network plugin applies it to pods.
      { namespaceSelector: {} },
      { ipBlock: { cidr: '0.0.0.0/0', except: metadataV4 } },
      { ipBlock: { cidr: '::/0', except: metadataV6 } },
    ];
    return namespacePolicy(values, 'block-metadata', {
      egress: [{ to: everything }, ...(local === undefined ? [] : [local])],
    });
  },
};

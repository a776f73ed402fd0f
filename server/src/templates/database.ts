import { appParameter, portsParameter } from './parameters.js';
import { appLabels, appName, labelSelector, listOf, networkPolicy, portList, textOf } from './policy.js';
import { needsTraffic } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

const app = appParameter('of the database', 'postgres');
const client = appParameter('that use the database', 'api', 'from');
const ports = portsParameter('The ports of the database, separated by commas.', '5432');
const role: TemplateParameter = {
  name: 'role',
  doc: 'The value of the label "role" on the standby pods.',
  type: 'string',
  default: 'standby',
};

export const databaseTier: Template = {
  id: 'database-tier',
  title: 'Database tier',
  description: `Allows the database's pods to accept connections from one application's pods in their own namespace and to open connections to the standby pods, both on the database's ports${needsTraffic}`,
  layer: 6,
  parameters: [app, client, ports, role],
  comments: [
    'Only the application may connect to the database, and the database only to its standby pods.',
    'For them to accept that, and for standby pods that connect to the primary, add allow-database-replication.',
  ],
  build(values) {
    const labels = appLabels(values, app);
    const standby = new Map([...labels, ['role', textOf(values, role)]]);
    const peer = new Map([['app', textOf(values, client)]]);
    const databasePorts = portList(listOf(values, ports));
    return networkPolicy(values, `${appName(labels)}-policy`, labels, {
      ingress: [{ from: [{ podSelector: labelSelector(peer) }], ports: databasePorts }],
      egress: [{ to: [{ podSelector: labelSelector(standby) }], ports: databasePorts }],
    });
  },
};

export const allowDatabaseReplication: Template = {
  id: 'allow-database-replication',
  title: 'Allow replication between the pods of a database',
  description: `Allows the database's pods connections from and to each other on the database's ports${needsTraffic}`,
  layer: 6,
  parameters: [app, ports],
  comments: ['The pods of the database may replicate to each other.'],
  build(values) {
    const labels = appLabels(values, app);
    const peer = { podSelector: labelSelector(labels) };
    const databasePorts = portList(listOf(values, ports));
    return networkPolicy(values, `allow-${appName(labels)}-replication`, labels, {
      ingress: [{ from: [peer], ports: databasePorts }],
      egress: [{ to: [peer], ports: databasePorts }],
    });
  },
};

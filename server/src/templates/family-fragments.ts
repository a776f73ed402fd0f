import { defaultProfile } from '../model/profile.js';
import { calicoDns, calicoRules } from './calico-policy.js';
import { ciliumDns } from './cilium-policy.js';
import type { Fragment } from './fragments.js';

const calico: readonly Fragment[] = [
  {
    title: "Calico's NetworkPolicy with ingress and egress",
    description:
      'Isolates one application in both directions; allows it ingress from another application, and egress to a third one and to DNS.',
    prefix: ['netpol-calico-policy', 'np-calico'],
    place: 'document',
    data(tab) {
      const app = tab.stop('api', 'app');
      return {
        apiVersion: 'projectcalico.org/v3',
        kind: 'NetworkPolicy',
        metadata: { name: `${app}-policy`, namespace: tab.stop('my-namespace') },
        spec: {
          selector: `app == '${app}'`,
          types: ['Ingress', 'Egress'],
          ingress: calicoRules('Allow', { source: { selector: `app == '${tab.stop('frontend')}'` } }, [
            tab.stop('8080'),
          ]),
          egress: [
            ...calicoRules('Allow', { destination: { selector: `app == '${tab.stop('postgres')}'` } }, [
              tab.stop('5432'),
            ]),
            ...calicoDns(defaultProfile),
          ],
        },
      };
    },
  },
];

const cilium: readonly Fragment[] = [
  {
    title: 'CiliumNetworkPolicy with HTTP rules and host names',
    description:
      'Isolates one application in both directions; allows it some HTTP requests of another application, and egress to hosts by name and to DNS.',
    prefix: ['netpol-cilium-policy', 'np-cilium', 'np-cnp'],
    place: 'document',
    data(tab) {
      const app = tab.stop('api', 'app');
      return tab.quotedMap({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNetworkPolicy',
        metadata: { name: `${app}-l7-policy`, namespace: tab.stop('my-namespace') },
        spec: {
          endpointSelector: { matchLabels: { app } },
          ingress: [
            {
              fromEndpoints: [{ matchLabels: { app: tab.stop('frontend') } }],
              toPorts: [
                {
                  ports: [{ port: tab.stop('8080'), protocol: 'TCP' }],
                  rules: {
                    http: [
                      { method: tab.stop('GET'), path: tab.stop('^/v1/.*') },
                      {
                        method: tab.stop('POST'),
                        path: tab.stop('^/v1/orders$'),
                        headers: [tab.stop('Content-Type: application/json')],
                      },
                    ],
                  },
                },
              ],
            },
          ],
          egress: [
            {
              toFQDNs: [{ matchName: tab.stop('payments.stripe.com') }, { matchPattern: tab.stop('*.stripe.com') }],
              toPorts: [{ ports: [{ port: tab.stop('443'), protocol: 'TCP' }] }],
            },
            ...ciliumDns(defaultProfile, true),
          ],
        },
      });
    },
  },
];

/** Policies of other families to start from. */
export const familyPolicies: readonly Fragment[] = [...calico, ...cilium];

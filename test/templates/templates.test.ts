import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { parseCidr } from '#server/model/addresses.js';
import { defaultProfile, ingressControllers, openShiftDns } from '#server/model/profile.js';
import {
  faultOf,
  layers,
  renderTemplate,
  type TemplateValues,
  templateNamed,
  templates,
} from '#server/templates/index.js';
import { assertValid, profileWith, rendered, valuesOf } from './policies.js';

const router = ingressControllers['openshift-router'];
assert.ok(router !== undefined);

const profiles = {
  default: defaultProfile,
  OpenShift: profileWith({ dns: [openShiftDns], ingressControllers: [router] }),
  'NodeLocal DNSCache': profileWith({ nodeLocalDns: '169.254.20.10' }),
  'OpenShift with NodeLocal DNSCache over IPv6': profileWith({ dns: [openShiftDns], nodeLocalDns: 'FD00::0:A' }),
  'known nodes': profileWith({ nodeCidrs: [cidr('10.1.2.3/16'), cidr('fd00:1::/64')] }),
};

/** The usual order of the keys in a spec. */
const keysInOrder = {
  cluster: ['tier', 'priority', 'subject', 'ingress', 'egress'],
  calico: ['tier', 'order', 'defaultAction', 'nets', 'namespaceSelector', 'selector', 'types', 'ingress', 'egress'],
  cilium: ['endpointSelector', 'enableDefaultDeny', 'externalCIDRs', 'ingress', 'ingressDeny', 'egress', 'egressDeny'],
};

describe('every template', () => {
  for (const template of templates) {
    for (const [name, profile] of Object.entries(profiles)) {
      test(`${template.id} is a valid policy, profile ${name}`, () => {
        const cases: Partial<TemplateValues>[] = [
          {},
          { namespace: undefined },
          { podLabels: new Map([['app', 'web']]) },
          {
            podLabels: new Map([
              ['example.com/Team', 'A_b.C'],
              ['empty', ''],
            ]),
          },
          { podLabels: new Map() },
          { given: { name: 'my-name' } },
        ];
        for (const over of cases) {
          const values = valuesOf({ profile, ...over });
          const text = renderTemplate(template, values);
          assertValid(text, template.id);
          assert.deepEqual(parse(text), template.build(values));
        }
      });
    }

    test(`${template.id} has its keys in the usual order and writes policyTypes`, () => {
      const object = template.build(valuesOf());
      assert.deepEqual(Object.keys(object), ['apiVersion', 'kind', 'metadata', 'spec']);
      if (object.apiVersion !== 'networking.k8s.io/v1') {
        const order = keysInOrder[template.family ?? 'cluster'];
        const own = Object.keys(parse(renderTemplate(template, valuesOf())).spec);
        assert.deepEqual(
          own,
          order.filter((key) => own.includes(key)),
        );
        return;
      }
      const keys = Object.keys(parse(renderTemplate(template, valuesOf())).spec);
      assert.deepEqual(
        keys,
        ['podSelector', 'policyTypes', 'ingress', 'egress'].filter((key) => keys.includes(key)),
      );
      const { policyTypes, ingress, egress } = parse(renderTemplate(template, valuesOf())).spec;
      assert.ok(policyTypes.length > 0);
      if (ingress !== undefined) assert.ok(policyTypes.includes('Ingress'));
      if (egress !== undefined) assert.ok(policyTypes.includes('Egress'));
    });

    test(`${template.id} has every parameter in its policy`, () => {
      for (const parameter of template.parameters) {
        const others = { string: ['other-value'], port: ['4321'], cidr: ['10.9.0.0/16'], number: ['77'], choice: [] };
        for (const other of [...(parameter.choices ?? []), ...others[parameter.type]]) {
          const values = valuesOf({ given: { [parameter.name]: other } });
          const text = renderTemplate(template, values);
          if (parameter.type !== 'choice') assert.ok(text.includes(other), parameter.name);
          assertValid(text, template.id);
          assert.equal(faultOf(parameter, other), undefined);
        }
        assert.equal(parameter.type === 'choice', parameter.choices !== undefined);
        if (parameter.default !== '') assert.equal(faultOf(parameter, parameter.default), undefined);
      }
    });

    test(`${template.id} is described in sentences`, () => {
      for (const sentence of [template.description, ...template.parameters.map(({ doc }) => doc)]) {
        assert.match(sentence, /^[A-Z].*\.$/);
      }
      for (const line of template.comments) assert.ok(line.length <= 117 && !line.startsWith('#'), line);
    });
  }

  test('has an id of its own', () => {
    assert.equal(new Set(templates.map(({ id }) => id)).size, templates.length);
    for (const template of templates) assert.equal(templateNamed(template.id), template);
    assert.equal(templateNamed('no-such-template'), undefined);
  });
});

test('the layers go from one to six', () => {
  assert.deepEqual(
    layers.map((id) => templateNamed(id)?.layer),
    [1, 2, 3, 4, 5, 6],
  );
});

test('text follows the file it goes into', () => {
  const template = templateNamed('allow-dns-egress');
  assert.ok(template !== undefined);
  const text = renderTemplate(template, valuesOf({ namespace: undefined }), {
    eol: '\r\n',
    indent: 4,
    indentSequences: false,
  });
  assert.equal(
    text,
    [
      '# DNS over UDP, and over TCP for large answers.',
      'apiVersion: networking.k8s.io/v1',
      'kind: NetworkPolicy',
      'metadata:',
      '    name: allow-dns-egress',
      'spec:',
      '    podSelector: {}',
      '    policyTypes:',
      '    - Egress',
      '    egress:',
      '    - to:',
      '      - namespaceSelector:',
      '            matchLabels:',
      '                kubernetes.io/metadata.name: kube-system',
      '        podSelector:',
      '            matchLabels:',
      '                k8s-app: kube-dns',
      '      ports:',
      '      - protocol: UDP',
      '        port: 53',
      '      - protocol: TCP',
      '        port: 53',
      '',
    ].join('\r\n'),
  );
});

describe('a policy for certain pods', () => {
  const names: [string, Partial<TemplateValues>, string][] = [
    ['allow-dns-egress', {}, 'allow-dns-egress'],
    ['allow-dns-egress', { podLabels: new Map([['app', 'web']]) }, 'allow-dns-egress-web'],
    ['default-deny-all', { podLabels: new Map([['app', 'Web_1.x']]) }, 'default-deny-all-web-1-x'],
    ['database-tier', { given: { app: 'redis' } }, 'redis-policy'],
    ['database-tier', { podLabels: new Map() }, 'pods-policy'],
    ['allow-from-app', {}, 'allow-from-frontend-to-api'],
    ['allow-from-namespace', { given: { name: 'as-given' } }, 'as-given'],
  ];
  for (const [id, over, name] of names) {
    test(`${id} is named ${name}`, () => assert.equal(parse(rendered(id, over)).metadata.name, name));
  }

  test('selects all pods of the namespace for an empty label set, also where the template has an application', () => {
    assert.deepEqual(parse(rendered('database-tier', { podLabels: new Map() })).spec.podSelector, {});
  });
});

test('ports are numbers, names and ranges, with other protocols where they are said', () => {
  const text = rendered('allow-from-app', { given: { ports: '80, http,8000-8010 ,5353/udp,9999/SCTP' } });
  assertValid(text, 'ports');
  assert.deepEqual(parse(text).spec.ingress[0].ports, [
    { protocol: 'TCP', port: 80 },
    { protocol: 'TCP', port: 'http' },
    { protocol: 'TCP', port: 8000, endPort: 8010 },
    { protocol: 'UDP', port: 5353 },
    { protocol: 'SCTP', port: 9999 },
  ]);
});

test('probes come from the nodes of the profile, unless others are given', () => {
  const from = (given: Record<string, string>) => {
    const { spec } = parse(rendered('allow-kubelet-probes', { profile: profiles['known nodes'], given }));
    return spec.ingress[0].from.map((peer: { ipBlock: { cidr: string } }) => peer.ipBlock.cidr);
  };
  assert.deepEqual(from({}), ['10.1.0.0/16', 'fd00:1::/64']);
  assert.deepEqual(from({ cidrs: '192.168.0.0/24,192.168.1.0/24' }), ['192.168.0.0/24', '192.168.1.0/24']);
});

test('the API server and NodeLocal DNSCache are those of the profile, unless others are given', () => {
  const blocksOf = (id: string, over: Partial<TemplateValues>) =>
    parse(rendered(id, over)).spec.egress[0].to.map((peer: { ipBlock: { cidr: string } }) => peer.ipBlock.cidr);
  const profile = profileWith({ apiServer: [cidr('10.0.0.1/32')], nodeLocalDns: '169.254.25.10' });
  assert.deepEqual(blocksOf('allow-api-server', { profile }), ['10.0.0.1/32']);
  assert.deepEqual(blocksOf('allow-api-server', { profile, given: { cidrs: '10.0.0.2/32' } }), ['10.0.0.2/32']);
  assert.deepEqual(blocksOf('allow-api-server', {}), ['192.0.2.10/32']);
  assert.deepEqual(blocksOf('allow-node-local-dns', { profile }), ['169.254.25.10/32']);
  assert.deepEqual(blocksOf('allow-node-local-dns', {}), ['169.254.20.10/32']);
});

test('all ingress controllers of the profile are let in', () => {
  const controllers = [ingressControllers.traefik, ingressControllers.contour];
  const [first, second] = controllers;
  assert.ok(first !== undefined && second !== undefined);
  const { spec } = parse(
    rendered('allow-ingress-controller', { profile: profileWith({ ingressControllers: [first, second] }) }),
  );
  assert.deepEqual(
    spec.ingress[0].from.map((peer: { podSelector: unknown }) => peer.podSelector),
    [{ matchLabels: { 'app.kubernetes.io/name': 'traefik' } }, { matchLabels: { app: 'envoy' } }],
  );
});

test('a namespace that is given wins over that of the install', () => {
  const selectors = (id: string, given: Record<string, string>) =>
    parse(rendered(id, { given })).spec.ingress[0].from[0].namespaceSelector?.matchLabels;
  const named = { 'kubernetes.io/metadata.name': 'other' };
  for (const controller of [{}, { controller: 'openshift-router' }, { controller: 'istio-gateway-api' }])
    assert.deepEqual(selectors('allow-ingress-controller', { ...controller, controllerNamespace: 'other' }), named);
  assert.deepEqual(selectors('allow-ingress-controller', { controller: 'nginx-gateway-fabric' }), undefined);
  for (const monitoring of [{}, { monitoring: 'openshift' }])
    assert.deepEqual(selectors('allow-prometheus-scrape', { ...monitoring, monitoringNamespace: 'other' }), named);
});

test('what is no value of a parameter is said', () => {
  const fault = (id: string, name: string, text: string) => {
    const parameter = templateNamed(id)?.parameters.find((each) => each.name === name);
    assert.ok(parameter !== undefined);
    return faultOf(parameter, text);
  };
  for (const text of ['0', '80,', '90-80', '70000', '-', 'a_b', '80/icmp', '8080-', 'x y'])
    assert.match(fault('allow-from-app', 'ports', text) ?? '', /is not a port/, text);
  for (const text of ['80', 'http', '80, http-2,8000-8010/udp', '1-65535/SCTP'])
    assert.equal(fault('allow-from-app', 'ports', text), undefined, text);
  assert.match(fault('allow-external-api', 'cidrs', '10.0.0.0/8,example.com') ?? '', /"example.com" is not an address/);
  assert.match(fault('allow-dns-egress', 'dns', 'coredns') ?? '', /use one of kube-dns, openshift/);
  assert.match(fault('cluster-allow-dns', 'priority', 'first') ?? '', /whole number/);
});

test('blocking the metadata service leaves NodeLocal DNSCache reachable', () => {
  const { spec } = parse(rendered('block-metadata', { profile: profiles['NodeLocal DNSCache'] }));
  assert.deepEqual(spec.egress[1], {
    to: [{ ipBlock: { cidr: '169.254.20.10/32' } }],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  });
});

function cidr(text: string) {
  const parsed = parseCidr(text);
  assert.ok(parsed !== undefined);
  return parsed;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root, uriOf } from '../workspace/memory.js';

const pod = (name: string, namespace: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]}
---
`;
const networkPolicy = (spec: string, namespace = 'shop') => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: ${namespace}}
spec: {${spec}}
`;

/** The fixes of the findings of a rule in policy.yaml: their titles, with a star before one that is preferred. */
async function fixes(rule: string, policies: string, files: Readonly<Record<string, string>> = {}) {
  const workloads = pod('web', 'shop') + pod('api', 'shop');
  const netpol = await Netpol.open(new Memory({ 'policy.yaml': policies, 'workloads.yaml': workloads, ...files }), [
    root,
  ]);
  const found = netpol.findings(uriOf('policy.yaml')).filter((finding) => finding.rule.id === rule);
  assert.equal(found.length, 1, `${rule} is found once`);
  const [finding] = found;
  return {
    titles: (finding?.fixes ?? []).map(({ title, preferred }) => `${preferred === true ? '* ' : ''}${title}`),
    texts: (finding?.fixes ?? []).map((fix) => {
      const changes = fix.changes();
      const texts = changes === undefined ? undefined : netpol.applyChanges(changes);
      return texts === undefined ? undefined : (texts.get(uriOf('policy.yaml')) ?? policies);
    }),
  };
}

/** The beginning of each title: what it does. */
function begun(titles: readonly string[]): readonly string[] {
  return titles.map((title) => title.slice(0, 22));
}

test('DNS belongs in a policy that has rules, and beside one that denies all', async () => {
  const api = 'podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]';
  const inside = await fixes('dns-egress-missing', networkPolicy(api));
  assert.deepEqual(begun(inside.titles), ['* Add DNS egress to th', 'Add DNS egress as poli']);
  const beside = await fixes('dns-egress-missing', networkPolicy('podSelector: {}, policyTypes: [Egress]'));
  assert.deepEqual(begun(beside.titles), ['Add DNS egress to this', '* Add DNS egress as po']);
});

test('a policy in a namespace that is misspelt is moved; where the namespace has others it may be meant', async () => {
  const misspelt = networkPolicy('podSelector: {}, policyTypes: [Ingress]', 'shpo');
  const title = "Change the policy's namespace from shpo to shop";
  assert.deepEqual((await fixes('namespace-unknown', misspelt)).titles, [`* ${title}`]);
  const another = networkPolicy('podSelector: {matchLabels: {app: x}}', 'shpo').replace('name: p', 'name: q');
  assert.deepEqual((await fixes('namespace-unknown', misspelt, { 'other.yaml': another })).titles, [title]);
});

test('a namespace’s name is asked for by Cilium’s own label; where it is asked for already no fix is needed', async () => {
  const from = (labels: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
    - fromEndpoints:
        - matchLabels: {${labels}}
`;
  const plain = await fixes('namespace-label-without-prefix', from('kubernetes.io/metadata.name: edge'));
  assert.deepEqual(plain.titles, ['* Change to k8s:io.kubernetes.pod.namespace']);
  assert.match(plain.texts[0] ?? '', /matchLabels: \{['"]?k8s:io\.kubernetes\.pod\.namespace['"]?: edge\}/);
  const both = from('kubernetes.io/metadata.name: edge, k8s:io.kubernetes.pod.namespace: edge');
  assert.deepEqual((await fixes('namespace-label-without-prefix', both)).titles, []);
});

test('what is put beside a policy of a Calico tier has the tier’s name before its own where that one has', async () => {
  const policy = (name: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {tier: security, selector: all(), types: [Egress]}
`;
  const tier = {
    'tier.yaml': 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5}\n',
  };
  const names = async (name: string) =>
    (await fixes('dns-egress-missing', policy(name), tier)).texts.map((text) =>
      [...(text ?? '').matchAll(/name: (\S*allow-dns-egress)/g)].map(([, found]) => found).join(),
    );
  assert.deepEqual((await names('security.deny')).filter(Boolean), ['security.allow-dns-egress']);
  assert.deepEqual((await names('deny')).filter(Boolean), ['allow-dns-egress']);
});

test('beside a policy of another tier of Calico no default is put, which would come before what later tiers allow', async () => {
  const policy = (tier: string, app: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${app}, namespace: shop}
spec: {tier: ${tier}, selector: app == '${app}', types: [Ingress]}
---
`;
  const files = {
    'tier.yaml': 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5}\n',
    'more.yaml': pod('db', 'shop'),
  };
  const both = async (tier: string) =>
    (await fixes('missing-default-deny', policy(tier, 'web') + policy(tier, 'api'), files)).texts;
  assert.match((await both('default'))[0] ?? '', /name: default-deny-ingress/);
  assert.deepEqual(await both('security'), [undefined]);
});

test('Prometheus is let out to what it scrapes by the fix that one key takes', async () => {
  const scraped = `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: metrics, port: 9102}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}
---
apiVersion: v1
kind: Pod
metadata: {name: prometheus, namespace: shop, labels: {app.kubernetes.io/name: prometheus}}
spec: {containers: [{name: c, image: i}]}
`;
  const closed = 'podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}, policyTypes: [Egress]';
  const { titles } = await fixes('metrics-scrape-blocked', networkPolicy(closed), { 'scraped.yaml': scraped });
  assert.deepEqual(begun(titles), ['* Let prometheus conne']);
});

test('Prometheus is let out to all that it scrapes, or nothing is written', async () => {
  const scraped = (labels: string) => `---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: all, namespace: data}
spec: {selector: {}, podMetricsEndpoints: [{port: metrics}]}
---
apiVersion: v1
kind: Pod
metadata: {name: prometheus, namespace: shop, labels: {app.kubernetes.io/name: prometheus}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: data, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{name: metrics, containerPort: 9102}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cache, namespace: data${labels}}
spec: {containers: [{name: c, image: i, ports: [{name: metrics, containerPort: 9102}]}]}
`;
  const closed = 'podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}, policyTypes: [Egress]';
  const texts = async (labels: string) =>
    (await fixes('metrics-scrape-blocked', networkPolicy(closed), { 'scraped.yaml': scraped(labels) })).texts;
  const [both = ''] = await texts(', labels: {app: cache}');
  assert.deepEqual(both.match(/app: (db|cache)/g), ['app: db', 'app: cache']);
  assert.deepEqual(await texts(''), [undefined], 'no selector chooses pods without labels alone');
});

test('a rule that never takes effect is removed, unless it is the one that says what the policy is about', async () => {
  const calico = (name: string, order: number, rules: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {order: ${order}, selector: app == 'api', ${rules}}
---
`;
  const web = "source: {selector: app == 'web'}";
  const deny = calico('deny', 10, `types: [Ingress], ingress: [{action: Deny, ${web}}]`);
  const one = calico('allow', 20, `ingress: [{action: Allow, ${web}}]`);
  const two = calico(
    'allow',
    20,
    `ingress: [{action: Allow, ${web}}, {action: Allow, source: {selector: app == 'x'}}]`,
  );
  assert.deepEqual((await fixes('shadowed-rule', deny + one)).titles, []);
  assert.deepEqual(begun((await fixes('shadowed-rule', deny + two)).titles), ['Remove this rule (it n']);
});

test('a whole namespace is narrowed to the pods that listen where the rule leads', async () => {
  const listening = (name: string, port: number) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: data, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: ${port}}]}]}
---
`;
  const to = 'namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}';
  const egress = (ports: string) =>
    networkPolicy(`podSelector: {}, policyTypes: [Egress], egress: [{to: [{${to}}], ports: [${ports}]}]`);
  const files = { 'data.yaml': listening('a', 8080) + listening('b', 9000) + listening('c', 7999) };
  const narrowed = async (ports: string) => begun((await fixes('namespace-wide-peer', egress(ports), files)).titles);
  assert.deepEqual(await narrowed('{port: 8000, endPort: 8100}'), ['Narrow to pods app=a (']);
  assert.deepEqual(await narrowed('{port: 9000}'), ['Narrow to pods app=b (']);
  const silent = { 'silent.yaml': pod('quiet', 'data') };
  const { titles } = await fixes('namespace-wide-peer', egress('{port: 9000}'), { ...files, ...silent });
  assert.deepEqual(begun(titles), ['Narrow to pods app=b (', 'Narrow to pods app=qui'], 'who declares none may listen');
  assert.deepEqual(await narrowed('{port: 7999, endPort: 8080}'), ['Narrow to pods app=a (', 'Narrow to pods app=c (']);
});

test('a policy without effect is removed with its document, but not out of a List', async () => {
  const deny = (name: string) =>
    networkPolicy('podSelector: {}, policyTypes: [Ingress]').replace('name: p', `name: ${name}`);
  const items = [deny('p'), deny('q')].map((text) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`).join('');
  const other = networkPolicy('podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]').replace(
    'name: p',
    'name: e',
  );
  const apart = await fixes('policy-without-effect', `${deny('p')}---\n${deny('q')}`);
  assert.deepEqual(apart.texts, [deny('p')]);
  const listed = await fixes('policy-without-effect', `${other}---\napiVersion: v1\nkind: List\nitems:\n${items}`);
  assert.deepEqual(listed.texts, [undefined]);
  const first = networkPolicy('podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]').replace('p,', 'w,');
  assert.deepEqual((await fixes('policy-without-effect', `${first}---\n${deny('q')}`)).texts, [undefined]);
});

test('who closes the whole cluster leaves its own namespaces out, at one key where nothing is allowed there', async () => {
  const closed = (more: string) =>
    `apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec: {types: [Ingress]${more}}\n`;
  const stars = async (text: string) =>
    (await fixes('selector-selects-everything', text)).titles.map((title) => title.startsWith('* '));
  assert.deepEqual(await stars(closed('')), [true]);
  assert.deepEqual(await stars(closed(", ingress: [{action: Allow, source: {selector: app == 'web'}}]")), [false]);
});

test('nothing is changed where only a part of a fix could be, since the rest is written once for several places', async () => {
  const dns = "{ports: [{port: '53', protocol: ANY}]}";
  const names = (first: string, second: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: names, namespace: shop}
specs:
  - endpointSelector: {}
    ingress:
      - fromEntities: [cluster]
        toPorts: [${first}]
  - endpointSelector: {}
    egress:
      - toEntities: [cluster]
        toPorts: [${dns}]
      - toCIDR: [192.0.2.53/32]
        toPorts: [${second}]
      - toFQDNs: [{matchName: example.com}]
`;
  const watched = async (text: string) => (await fixes('fqdn-without-dns-rule', text)).texts[0];
  assert.equal((await watched(names(dns, dns)))?.match(/rules:/g)?.length, 2);
  assert.equal(await watched(names(`&dns ${dns}`, '*dns')), undefined);

  const block = (except: string, port: number) =>
    `{to: [{ipBlock: {cidr: 0.0.0.0/0, except: ${except}}}], ports: [{port: ${port}}]}`;
  const excluded = async (...rules: readonly string[]) => {
    const policy = networkPolicy(`podSelector: {}, policyTypes: [Egress], egress: [${rules.join()}]`);
    return (await fixes('metadata-service-exposed', policy)).texts[0];
  };
  const added = (await excluded(block('[10.0.0.0/8]', 80))) ?? '';
  assert.match(added, /except: \[10\.0\.0\.0\/8, 169\.254\.169\.254\/32\]/);
  assert.equal(await excluded(block('&own [10.0.0.0/8]', 443), block('*own', 80)), undefined);
  for (const none of ['[]', 'null'])
    assert.match((await excluded(block(none, 80))) ?? '', /except: \[169\.254\.169\.254\/32\]/, none);
});

test('two items of Cilium are put into one where that is one more label', async () => {
  const or = (pods: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
    - fromEndpoints:
        - matchLabels: {'k8s:io.kubernetes.pod.namespace': edge}
        - matchLabels: {${pods}}
`;
  const combined = async (pods: string) => (await fixes('and-or-ambiguity', or(pods))).texts[0];
  assert.match((await combined('app: proxy')) ?? '', /- matchLabels: \{.*edge, app: proxy\}\n$/);
  assert.equal(await combined('app: proxy, tier: front'), undefined);
});

test('no policy is put behind one in JSON', async () => {
  const json = JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Egress'] },
  });
  const { titles, texts } = await fixes('dns-egress-missing', `${json}\n`);
  assert.deepEqual(begun(titles), ['Add DNS egress to this', '* Add DNS egress as po']);
  assert.match(texts[0] ?? '', /"egress"/);
  assert.equal(texts[1], undefined);
});

test('a name is let through by the first of several rules for look-ups', async () => {
  const lookUp = (name: string) =>
    `    - toEntities: [cluster]
      toPorts: [{ports: [{port: '53', protocol: ANY}], rules: {dns: [{matchName: ${name}}]}}]
`;
  const policy = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
${lookUp('a.example.com')}${lookUp('b.example.com')}    - toFQDNs: [{matchName: c.example.com}]
`;
  const { titles, texts } = await fixes('fqdn-without-dns-rule', policy);
  assert.deepEqual(titles, ['* Let c.example.com be looked up']);
  assert.match(texts[0] ?? '', /a\.example\.com\}, \{matchName: c\.example\.com\}\]/);
});

test('of policies of one order that disagree in both directions one is moved', async () => {
  const calico = (
    name: string,
    action: string,
    source: string,
    destination: string,
  ) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec:
  order: 10
  selector: app == 'web'
  types: [Ingress, Egress]
  ingress: [{action: ${action}${source}}]
  egress: [{action: ${action}${destination}}]
`;
  const api = "{selector: app == 'api'}";
  const files = { 'other.yaml': calico('a', 'Deny', '', '') };
  const { titles } = await fixes('order-tie', calico('b', 'Allow', `, source: ${api}`, `, destination: ${api}`), files);
  assert.deepEqual(titles, ['Change order to 9, ahead of a']);
});

test('which types are meant, where rules for egress stand alone, only the author knows', async () => {
  const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: deny-out, namespace: shop}
spec: {selector: app == 'web', egress: [{action: Deny}]}
`;
  const { titles } = await fixes('types-missing', policy);
  assert.deepEqual(begun(titles), ['Write types: [Egress] ', 'Write types: [Ingress,']);
});

test('a policy is moved where its pods all run in one other namespace, and not at one key', async () => {
  const selecting = (app: string) => networkPolicy(`podSelector: {matchLabels: {app: ${app}}}, policyTypes: [Ingress]`);
  const files = { 'more.yaml': pod('mailer', 'office') + pod('worker', 'office') + pod('worker', 'stage') };
  const titles = async (app: string) => (await fixes('selector-matches-nothing', selecting(app), files)).titles;
  assert.deepEqual(await titles('mailer'), ["Change the policy's namespace from shop to office"]);
  assert.deepEqual(await titles('worker'), []);
  assert.deepEqual(await titles('billing'), []);
});

test('a policy whose namespace a kustomization gives is not moved', async () => {
  const selecting = networkPolicy('podSelector: {matchLabels: {app: mailer}}, policyTypes: [Ingress]');
  const files = {
    'kustomization.yaml': 'namespace: shop\nresources: [policy.yaml, workloads.yaml]\n',
    'all/kustomization.yaml': 'resources: [.., ../office]\n',
    'office/kustomization.yaml': 'resources: [mailer.yaml]\n',
    'office/mailer.yaml': pod('mailer', 'office'),
  };
  const titles = async (policy: string) => (await fixes('selector-matches-nothing', policy, files)).titles;
  assert.deepEqual(await titles(selecting), ["Change the policy's namespace from shop to office"]);
  assert.deepEqual(await titles(selecting.replace(', namespace: shop', '')), []);
  assert.deepEqual(await titles(selecting.replace('namespace: shop', 'namespace: other')), [], 'it is given anew');
});

// Manifests as a platform team keeps them: for each namespace its Namespace, Deployments, Services and the policies of
// its applications. The same numbers always give the same text.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const teams = ['shop', 'billing', 'search', 'catalog', 'identity', 'ledger', 'media', 'orders', 'ship', 'risk'];
const roles = ['api', 'frontend', 'worker', 'gateway', 'cache', 'db', 'indexer', 'mailer', 'scheduler', 'exporter'];

/** A small generator of pseudo-random numbers (mulberry32): below 1, the same for the same seed. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The manifests of some namespaces, `perNamespace` each: `{ namespace, name, text }`. `mix` gives the shares of
 * Deployments and Services; the rest are policies. About one policy in thirty has a fault.
 */
export function manifests(count, { perNamespace = 100, mix = { deployments: 0.36, services: 0.25 } } = {}) {
  const random = numbers(20240817);
  const found = [];
  const namespaces = Math.max(1, Math.round(count / perNamespace));
  const nameOf = (index) => `${teams[index % teams.length]}-${Math.floor(index / teams.length)}`;
  for (let index = 0; index < namespaces; index++) {
    const namespace = nameOf(index);
    const deployments = Math.round(perNamespace * mix.deployments);
    const services = Math.round(perNamespace * mix.services);
    const apps = Array.from(
      { length: Math.max(deployments, 1) },
      (_, n) => `${roles[n % roles.length]}-${Math.floor(n / roles.length)}`,
    );
    found.push({ namespace, name: 'namespace', text: namespaceObject(namespace, teams[index % teams.length]) });
    for (const app of apps.slice(0, deployments))
      found.push({ namespace, name: `deployment-${app}`, text: deployment(namespace, app, random) });
    for (const app of apps.slice(0, services))
      found.push({ namespace, name: `service-${app}`, text: service(namespace, app) });
    const policies = perNamespace - 1 - deployments - services;
    for (let n = 0; n < policies; n++) {
      const other = nameOf(Math.floor(random() * namespaces));
      found.push({ namespace, name: `policy-${n}`, text: policy(namespace, n, apps, other, random) });
    }
  }
  return found.slice(0, count);
}

/** Writes one file for each manifest; gives the bytes written. */
export function writeWorkspace(folder, list) {
  let bytes = 0;
  const made = new Set();
  for (const { namespace, name, text } of list) {
    const home = join(folder, namespace);
    if (!made.has(home)) mkdirSync(home, { recursive: true });
    made.add(home);
    writeFileSync(join(home, `${name}.yaml`), text);
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

function namespaceObject(name, team) {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels:
    team: ${team}
    pod-security.kubernetes.io/enforce: baseline
`;
}

function deployment(namespace, app, random) {
  const port = 8000 + Math.floor(random() * 10);
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${app}
  namespace: ${namespace}
  labels:
    app: ${app}
    app.kubernetes.io/part-of: ${namespace}
spec:
  replicas: ${1 + Math.floor(random() * 5)}
  selector:
    matchLabels:
      app: ${app}
  template:
    metadata:
      labels:
        app: ${app}
        tier: ${['web', 'backend', 'data'][Math.floor(random() * 3)]}
    spec:
      serviceAccountName: ${app}
      containers:
        - name: ${app}
          image: images.example/${namespace}/${app}:1.${Math.floor(random() * 40)}.0
          args: ["--listen", ":${port}", "--log-level=info"]
          env:
            - name: CONFIG
              value: /etc/${app}/config.yaml
            - name: UPSTREAM
              value: http://gateway-0.${namespace}.svc:8080
          ports:
            - name: http
              containerPort: ${port}
            - name: metrics
              containerPort: 9090
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { memory: 256Mi }
`;
}

function service(namespace, app) {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${app}
  namespace: ${namespace}
  labels:
    app: ${app}
spec:
  selector:
    app: ${app}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

function policy(namespace, n, apps, other, random) {
  const app = apps[n % apps.length];
  if (n === 0) return defaultDeny(namespace);
  if (n === 1) return allowDns(namespace);
  if (n === 2) return allowWithin(namespace);
  if (n === 3) return allowCallers(namespace);
  const peer = apps[Math.floor(random() * apps.length)];
  const fault = random() < 0.03;
  const selected = fault && random() < 0.5 ? `${app}x` : app;
  const port = fault ? 70000 : 8080;
  return `# Owned by the team of ${namespace}; ask before you open more.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${app}-${n}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/part-of: ${namespace}
spec:
  podSelector:
    matchLabels:
      app: ${selected}
  policyTypes:
    - Ingress
    - Egress
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: ${peer}
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
          podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
      ports:
        - protocol: TCP
          port: ${port}
        - protocol: TCP
          port: metrics
  egress:
${[toNamespace(other, peer), toAddresses(n), toDns()][n % 3]}`;
}

function toNamespace(other, peer) {
  return `    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ${other}
          podSelector:
            matchExpressions:
              - key: app
                operator: In
                values: [${peer}, gateway-0]
      ports:
        - protocol: TCP
          port: 8080
          endPort: 8090
`;
}

function toAddresses(n) {
  return `    - to:
        - ipBlock:
            cidr: 10.${n % 200}.0.0/16
            except:
              - 10.${n % 200}.3.0/24
      ports:
        - protocol: TCP
          port: 5432
`;
}

function toDns() {
  return `    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`;
}

function defaultDeny(namespace) {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-all
  namespace: ${namespace}
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
`;
}

/** Third layer of the baseline: whoever lives in the namespace may talk to each other. */
function allowWithin(namespace) {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-intra-namespace
  namespace: ${namespace}
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
  ingress:
    - from:
        - podSelector: {}
  egress:
    - to:
        - podSelector: {}
`;
}

/** The services of a platform are there for the other teams: what their egress policies name is let in. */
function allowCallers(namespace) {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-callers
  namespace: ${namespace}
spec:
  podSelector: {}
  policyTypes:
    - Ingress
  ingress:
    - from:
        - namespaceSelector: {}
      ports:
        - protocol: TCP
          port: 8080
`;
}

function allowDns(namespace) {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns-egress
  namespace: ${namespace}
spec:
  podSelector: {}
  policyTypes:
    - Egress
  egress:
${toDns()}`;
}

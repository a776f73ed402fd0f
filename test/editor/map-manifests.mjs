// Manifests of an invented company for pictures: teams of a few services each, a DNS, Prometheus and an ingress controller.

const roles = ['web', 'api', 'worker', 'cache', 'db'];
const teams = ['shop', 'billing', 'search', 'media', 'identity', 'orders', 'mail', 'catalog', 'reports', 'chat', 'ads'];
const more = ['fraud', 'ledger', 'stock', 'routes', 'maps', 'video', 'audio', 'forms', 'jobs', 'vault', 'events'];
const parts = ['front', 'core', 'batch', 'edge', 'admin'];

/**
 * About `count` workloads and the policies that connect them, as the text of one file; every team has up to `perTeam`.
 * @param {number} count
 * @param {number} perTeam
 */
export function manifests(count, perTeam = count < 20 ? 5 : 10) {
  const documents = [];
  let left = Math.max(0, count - 2);
  for (const [index, team] of [...teams, ...more].entries()) {
    if (left <= 0) break;
    const size = Math.min(perTeam, left);
    left -= size;
    documents.push(...teamOf(team, index, size, left <= 0 ? undefined : [...teams, ...more][index + 1]));
  }
  documents.push(
    workload('kube-system', 'coredns', { 'k8s-app': 'kube-dns' }, 53, 'UDP'),
    workload('monitoring', 'prometheus', { app: 'prometheus' }, 9090),
  );
  return `${documents.map((each) => each.trim()).join('\n---\n')}\n`;
}

function teamOf(team, index, size, next) {
  const own = Array.from({ length: size }, (_, i) => ({
    role: roles[i % roles.length],
    name:
      i < roles.length ? roles[i] : `${parts[Math.floor(i / roles.length) - 1] ?? `p${i}`}-${roles[i % roles.length]}`,
  }));
  const peers = { web: [], api: ['web'], worker: [], cache: ['api', 'worker'], db: ['api', 'worker'] };
  const ports = { web: 8080, api: 8443, worker: 9000, cache: 6379, db: 5432 };
  const of = (role) => `podSelector: {matchLabels: {role: ${role}}}`;
  const allow = roles
    .filter((role) => own.some((each) => each.role === role))
    .map((role) => {
      const from = peers[role].map((peer) => `        - ${of(peer)}`);
      if (role === 'web') from.push('        - ipBlock: {cidr: 0.0.0.0/0}');
      if (role === 'api' && index > 0)
        from.push(
          `        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${[...teams, ...more][index - 1]}}}\n          podSelector: {matchLabels: {role: api}}`,
        );
      const egress = roles
        .filter((to) => peers[to].includes(role))
        .map((to) => `    - to: [{${of(to)}}]\n      ports: [{port: ${ports[to]}}]`);
      if (role === 'api' && next !== undefined)
        egress.push(
          `    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${next}}}, podSelector: {matchLabels: {role: api}}}]\n      ports: [{port: 8443}]`,
        );
      // Meant, and closed by the cache: one end allows it.
      if (role === 'web') egress.push(`    - to: [{${of('cache')}}]\n      ports: [{port: 6379}]`);
      if (role === 'worker')
        egress.push(`    - to: [{ipBlock: {cidr: 203.0.113.${index * 8}/29}}]\n      ports: [{port: 443}]`);
      egress.push(
        '    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]\n      ports: [{port: 53, protocol: UDP}]',
      );
      return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${role}, namespace: ${team}}
spec:
  podSelector: {matchLabels: {role: ${role}}}
  policyTypes: [Ingress, Egress]
  ingress:
${from.length === 0 ? '' : `    - from:\n${from.join('\n')}\n      ports: [{port: ${ports[role]}}]\n`}    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}, podSelector: {matchLabels: {app: prometheus}}}]
      ports: [{port: 9100}]
  egress:
${egress.join('\n')}`;
    });
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${team}}`;
  return [namespace, ...own.map(({ name, role }) => workload(team, name, { app: name, role }, ports[role])), ...allow];
}

function workload(namespace, name, labels, port, protocol = 'TCP') {
  const written = Object.entries(labels)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {${written}}}
  template:
    metadata: {labels: {${written}}}
    spec:
      containers:
        - {name: main, image: registry.example/${name}, ports: [{containerPort: ${port}, protocol: ${protocol}}]}`;
}

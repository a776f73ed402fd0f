import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import { printSelector } from '#server/model/print.js';
import { documentOf } from '#server/text/document.js';

function read(text: string) {
  const [resource, ...others] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.ok(resource !== undefined && others.length === 0);
  return resource.object;
}

function monitorOf(kind: string, spec: string) {
  const object = read(
    `apiVersion: monitoring.coreos.com/v1\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n`,
  );
  return object?.type === 'monitor' ? object.value : undefined;
}

test('ServiceMonitor: its selector, its namespaces, and each endpoint by port or targetPort', () => {
  const monitor = monitorOf(
    'ServiceMonitor',
    '{selector: {matchLabels: {app: web}}, endpoints: [{port: metrics, path: /m}, {targetPort: 9102}, {targetPort: "http"}]}',
  );
  assert.ok(monitor);
  assert.deepEqual([monitor.selects, monitor.namespace, monitor.namespaces], ['services', 'shop', 'own']);
  assert.equal(printSelector(monitor.selector), 'app=web');
  assert.deepEqual(
    monitor.endpoints.map(({ port, targetPort }) => [port, targetPort]),
    [
      ['metrics', undefined],
      [undefined, 9102],
      [undefined, 'http'],
    ],
  );
});

test('PodMonitor: portNumber, and namespaces by name or any', () => {
  const spec = (where: string) =>
    `{selector: {}, namespaceSelector: ${where}, podMetricsEndpoints: [{port: metrics}, {portNumber: 9102}]}`;
  const monitor = monitorOf('PodMonitor', spec('{matchNames: [a, b]}'));
  assert.deepEqual([monitor?.selects, monitor?.namespaces], ['pods', ['a', 'b']]);
  assert.deepEqual(
    monitor?.endpoints.map(({ port, targetPort }) => port ?? targetPort),
    ['metrics', 9102],
  );
  assert.equal(monitorOf('PodMonitor', spec('{any: true}'))?.namespaces, 'any');
});

test('what a template leaves open is no monitor, and no endpoint', () => {
  assert.equal(
    monitorOf('ServiceMonitor', '{selector: {matchLabels: {app: {{ .Values.app }}}}, endpoints: [{port: a}]}'),
    undefined,
  );
  assert.equal(monitorOf('ServiceMonitor', '{endpoints: [{port: a}]}'), undefined);
  assert.deepEqual(
    monitorOf('ServiceMonitor', '{selector: {}, endpoints: [{port: {{ .Values.port }}}]}')?.endpoints,
    [],
  );
});

test('Prometheus and PrometheusAgent: the labels that the operator gives their pods', () => {
  const labelsOf = (version: string, kind: string) => {
    const object = read(
      `apiVersion: monitoring.coreos.com/${version}\nkind: ${kind}\nmetadata: {name: main, namespace: ops}\nspec: {podMetadata: {labels: {team: ops}}}\n`,
    );
    return object?.type === 'prometheus' ? Object.fromEntries(object.value.labels) : undefined;
  };
  const own = { team: 'ops', 'operator.prometheus.io/name': 'main' };
  assert.deepEqual(labelsOf('v1', 'Prometheus'), { ...own, 'app.kubernetes.io/name': 'prometheus' });
  assert.deepEqual(labelsOf('v1alpha1', 'PrometheusAgent'), { ...own, 'app.kubernetes.io/name': 'prometheus-agent' });
});

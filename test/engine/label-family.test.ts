import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyOf } from '#server/engine/label-family.js';
import { finished } from '#server/engine/steps.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** The lines that mean the label app=web of the pod in the first file. */
async function meaning(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const netpol = await Netpol.open(new Memory({ 'pod.yaml': web, ...files }), [root]);
  const { scopes } = netpol.workspace.index;
  const place = scopes[0]?.workloads[0]?.value.labelPlaces.get('app');
  assert.ok(place !== undefined);
  const { uses } = finished(familyOf(netpol.workspace, { of: 'pods', key: 'app', value: 'web' }, place, scopes));
  const lines = uses.map(({ key: { at } }) => {
    const file = netpol.workspace.file(at.document.uri);
    const start = file?.lines.positionAt(file.toFile(at)?.start ?? 0);
    return `${at.document.uri.slice(root.length + 1)}:${(start?.line ?? -1) + 1}`;
  });
  return lines.sort();
}

const web = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
`;

const service = (name: string, selector: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec:
  ports: [{port: 80}]
  selector:
    ${selector}
`;

test('the selectors of services mean it, also those of which a part is not known', async () => {
  const files = {
    'known.yaml': service('known', 'app: web'),
    'open.yaml': service('open', '{app: web, tier: "{{ .Values.tier }}"}'),
    'wrong.yaml': service('wrong', '{app: web, tier: [front]}'),
    'other.yaml': service('other', '{app: api, was: web}'),
  };
  assert.deepEqual(await meaning(files), ['known.yaml:7', 'open.yaml:7', 'pod.yaml:3', 'wrong.yaml:7']);
});

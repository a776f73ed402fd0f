import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cniNamed, supportIn, type Version } from '#server/model/cni.js';

/** What a plugin's minor version has, as FACTS A2.4 tells it. */
function has(name: string, what: 'adminPolicies' | 'baselinePolicies' | 'clusterPolicies', version?: Version): string {
  const profile = cniNamed(name);
  assert.ok(profile !== undefined, name);
  return supportIn(profile[what], version);
}

test('Calico reads the alpha policies from 3.29 and 3.30 up to 3.31, and the later ones from 3.32 on', () => {
  const minors = [28, 29, 30, 31, 32, 33];
  const said = (what: Parameters<typeof has>[1]) => minors.map((minor) => has('calico', what, [3, minor]));
  assert.deepEqual(said('adminPolicies'), ['no', 'yes', 'yes', 'yes', 'no', 'no']);
  assert.deepEqual(said('baselinePolicies'), ['no', 'no', 'yes', 'yes', 'no', 'no']);
  assert.deepEqual(said('clusterPolicies'), ['no', 'no', 'no', 'no', 'yes', 'yes']);
});

test('Cilium has cluster network policies from 1.20 on, Antrea from 2.7 on', () => {
  assert.deepEqual(
    [has('cilium', 'clusterPolicies', [1, 19]), has('cilium', 'clusterPolicies', [1, 20])],
    ['no', 'yes'],
  );
  assert.deepEqual([has('antrea', 'clusterPolicies', [2, 6]), has('antrea', 'clusterPolicies', [2, 7])], ['no', 'yes']);
  assert.equal(has('cilium', 'clusterPolicies'), 'unknown', 'nobody says which version it is');
  assert.equal(has('cilium', 'adminPolicies'), 'no', 'no version has them');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compositionOf, isEnforced } from '#server/engine/composition.js';
import { type CniProfile, cniProfiles } from '#server/model/cni.js';
import type { Family, Policy } from '#server/model/policy.js';

function profile(name: string): CniProfile {
  const found = cniProfiles.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

/** How policies compose of which nothing matters but their families. */
function composition(cni: CniProfile, ...families: Family[]): string {
  return compositionOf(
    cni,
    families.map((family) => ({ family }) as Policy),
  );
}

test('the plugin that the cluster has decides, whatever policies there are', () => {
  assert.equal(composition(profile('calico'), 'cilium'), 'calico');
  assert.equal(composition(profile('cilium'), 'calico', 'calico'), 'cilium');
  const neither = cniProfiles.find(({ ownFamily }) => ownFamily === 'none');
  assert.ok(neither !== undefined);
  assert.equal(composition(neither, 'calico', 'cilium'), 'kubernetes');
});

test('where nobody says which plugin it is, the policies do: the family of which there are more', () => {
  const unsaid = cniProfiles.find(({ ownFamily }) => ownFamily === undefined);
  assert.ok(unsaid !== undefined);
  assert.equal(composition(unsaid), 'kubernetes');
  assert.equal(composition(unsaid, 'kubernetes', 'cluster'), 'kubernetes');
  assert.equal(composition(unsaid, 'kubernetes', 'calico'), 'calico');
  assert.equal(composition(unsaid, 'kubernetes', 'cilium'), 'cilium');
  assert.equal(composition(unsaid, 'calico', 'cilium', 'calico'), 'calico');
  assert.equal(composition(unsaid, 'calico', 'cilium', 'cilium'), 'cilium');
});

test('policies of the other family, and those that are only watched, do nothing', () => {
  for (const own of ['calico', 'cilium'] as const) {
    const other = own === 'calico' ? 'cilium' : 'calico';
    for (const family of ['kubernetes', 'cluster', own] as const)
      assert.equal(isEnforced({ family }, own), true, `${family} with ${own}`);
    assert.equal(isEnforced({ family: other }, own), false, `${other} with ${own}`);
    assert.equal(isEnforced({ family: own, staged: true }, own), false, 'staged');
    assert.equal(isEnforced({ family: own }, 'kubernetes'), false, 'neither plugin');
  }
});

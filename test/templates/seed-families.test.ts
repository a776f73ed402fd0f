import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { clusterOf } from '#server/engine/cluster.js';
import { podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { snippetFile } from '#server/templates/index.js';
import { accepted, assertValid, rendered } from './policies.js';

const text = readFileSync(new URL('../../templates/seed-family-policies.yaml', import.meta.url), 'utf8');
const seeds = new Map(
  parseAllDocuments(text).map((document) => [document.getIn(['metadata', 'name']), document.toJS()] as const),
);

function snippet(title: string) {
  const found = snippetFile()[title];
  assert.ok(found !== undefined, title);
  return parse(accepted(found.body).replace('my-namespace', 'production'));
}

test("a snippet gives the seed's api-policy of Calico, with DNS over TCP besides", () => {
  const given = snippet("Calico's NetworkPolicy with ingress and egress");
  const [toDatabase, dns, dnsOverTcp] = given.spec.egress;
  assert.deepEqual(dnsOverTcp, { ...dns, protocol: 'TCP' });
  assert.deepEqual({ ...given, spec: { ...given.spec, egress: [toDatabase, dns] } }, seeds.get('api-policy'));
});

test("a snippet gives the seed's api-l7-policy of Cilium", () => {
  assert.deepEqual(snippet('CiliumNetworkPolicy with HTTP rules and host names'), seeds.get('api-l7-policy'));
});

test("calico-deny-external gives the seed's deny-ssh-external, in a tier that passes on", () => {
  const { metadata, spec } = parse(rendered('calico-deny-external'));
  const { tier, ...rest } = spec;
  assert.deepEqual([metadata.name, tier], ['security.deny-ssh-external', 'security']);
  assert.deepEqual(rest, seeds.get('deny-ssh-external').spec);
});

/** What pods of two namespaces may do with each other. */
async function between(policies: readonly string[]): Promise<string> {
  const pods = ['a', 'b'].map(
    (name, index) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${name}}\nspec: {containers: [{name: c, image: c}]}\nstatus: {podIP: 10.244.0.${index + 1}}\n`,
  );
  const uri = 'file:///w/all.yaml';
  const provider = { list: async () => [uri], read: async () => ({ text: [...pods, ...policies].join('---\n') }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cluster = clusterOf(netpol.workspace.index.scopes, { profile: defaultProfile, unset: 'default' });
  const judge = new Judge(cluster);
  const [from, to] = cluster.pods;
  assert.ok(from !== undefined && to !== undefined);
  return printPorts(judge.table.setOf(judge.between(podsEnd(from), podsEnd(to))));
}

test("the seed's deny-ssh-external, by itself in the default tier, cuts every pod off; the template does not", async () => {
  const seed = `${JSON.stringify(seeds.get('deny-ssh-external'))}\n`;
  assertValid(seed, 'deny-ssh-external');
  assert.equal(await between([seed]), 'nothing');
  assert.equal(await between([rendered('calico-tier'), rendered('calico-deny-external')]), 'every port');
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSelector } from '#server/kinds/calico/selector.js';
import { parseSelector, printCanonical, repairSelector } from '#server/kinds/calico/selector-grammar.js';
import { resourcesOf } from '#server/kinds/index.js';
import { matches } from '#server/model/selector.js';
import { SourceFile } from '#server/text/file.js';
import { formatPath } from '#server/text/paths.js';
import { entryOf } from '#server/text/tree.js';

/** Calico's own verdicts; see test/corpus/calico/README.md. */
type Labels = Readonly<Record<string, string>>;

interface Selectors {
  readonly evaluate: readonly {
    readonly selector: string;
    readonly matches: readonly Labels[];
    readonly nonMatches: readonly Labels[];
  }[];
  readonly invalid: readonly string[];
  readonly canonical: readonly { readonly input: string; readonly canonical: string }[];
  readonly prefixVisitor: readonly { readonly selector: string; readonly withPrefixVisited: string }[];
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly valid: boolean;
  readonly kind: string;
}

const folder = fileURLToPath(new URL('../../corpus/calico/', import.meta.url));
const selectors: Selectors = JSON.parse(readFileSync(`${folder}selectors.json`, 'utf8'));
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(`${folder}validator/index.json`, 'utf8'),
);

/** Where netpol means to say something else, with the reason. */
const differences: ReadonlyMap<string, string> = new Map([
  ['validator/031-ok-should-accept-a-valid-labelstoapply.yaml', 'Profile is no kind that netpol judges'],
  ['validator/032-bad-should-reject-an-excessively-long-value-in-labelstoapply.yaml', 'Profile, as above'],
  ['validator/033-bad-should-reject-at-start-of-key-in-a-labelstoapply.yaml', 'Profile, as above'],
]);

/** The selector as it comes out of a manifest. */
function modelOf(text: string) {
  const file = SourceFile.of('file:///selector.yaml', `selector: ${JSON.stringify(text)}\n`);
  const entry = entryOf(file.documents[0]?.document.root, 'selector');
  assert.ok(entry !== undefined);
  return readSelector(entry, 'pods');
}

describe('selectors of Calico', () => {
  test('match what Calico says, and nothing else', (t) => {
    let count = 0;
    for (const { selector, matches: yes, nonMatches: no } of selectors.evaluate) {
      const read = modelOf(selector);
      assert.equal(read.uncertain, false, selector);
      for (const [labels, expected] of [
        ...yes.map((it) => [it, true] as const),
        ...no.map((it) => [it, false] as const),
      ]) {
        count++;
        const what = `${selector} for ${JSON.stringify(labels)}`;
        assert.equal(matches(read.selector, new Map(Object.entries(labels))), expected, what);
      }
    }
    t.diagnostic(`${selectors.evaluate.length} selectors, ${count} evaluations agree`);
    assert.deepEqual([selectors.evaluate.length, count], [58, 98]);
  });

  test('are refused where Calico refuses them, at a place within the text', (t) => {
    for (const text of selectors.invalid) {
      const { node, fault } = parseSelector(text);
      assert.ok(fault !== undefined && node === undefined, `${text} is refused`);
      assert.ok(fault.range.start >= 0 && fault.range.end <= text.length && fault.range.start < fault.range.end, text);
      const repaired = repairSelector(text);
      if (repaired !== undefined) assert.equal(parseSelector(repaired).fault, undefined, repaired);
    }
    t.diagnostic(`${selectors.invalid.length} refused`);
    assert.equal(selectors.invalid.length, 26);
  });

  test('have the canonical form that Calico prints', (t) => {
    for (const { input, canonical } of selectors.canonical) {
      const { node } = parseSelector(input);
      assert.ok(node !== undefined, input);
      assert.equal(bare(printCanonical(node)), bare(canonical), input);
      assert.equal(printCanonical(parseSelector(printCanonical(node)).node ?? node), printCanonical(node));
    }
    for (const { selector, withPrefixVisited } of selectors.prefixVisitor) {
      const { node } = parseSelector(selector);
      assert.ok(node !== undefined, selector);
      assert.equal(printCanonical(node), withPrefixVisited.replaceAll('visited/', ''));
    }
    t.diagnostic(
      `${selectors.canonical.length} canonical forms and ${selectors.prefixVisitor.length} of the visitor agree`,
    );
  });
});

/** One table writes the outermost parentheses, the other not. */
function bare(text: string): string {
  return text.replace(/^\((.*)\)$/, '$1');
}

describe('what Calico refuses', () => {
  let agreed = 0;
  for (const { name, file, valid, kind } of cases) {
    test(`${valid ? 'valid' : 'invalid'} ${kind}: ${name}`, () => {
      const source = SourceFile.of(`file:///${file}`, readFileSync(folder + file, 'utf8'));
      const resources = source.documents.flatMap(({ document }) => resourcesOf(document));
      const judged = resources.filter((each) => each.kind.check !== undefined);
      const errors = judged
        .flatMap((each) => each.kind.check?.(each.node, { kubernetesVersion: undefined }) ?? [])
        .filter(({ severity }) => severity === undefined);
      const words = errors.map(({ path, rule, message }) => `${formatPath(path)} (${rule}): ${message}`);
      const agrees = judged.length > 0 && (errors.length === 0) === valid;
      const reason = differences.get(file);
      assert.equal(
        agrees,
        reason === undefined,
        `${words.join('; ') || 'no error'}; ${reason ?? 'no difference is known'}`,
      );
      if (agrees) agreed++;
    });
  }

  test('agreement', (t) => {
    t.diagnostic(`${agreed} of ${cases.length} verdicts agree; ${differences.size} differ with a reason`);
    assert.equal(agreed + differences.size, cases.length);
  });
});

/** Samples of Calico's documentation that nobody can apply as they stand, and why; the others give no error. */
const faultySamples: ReadonlyMap<string, string> = new Map([
  ['028-calico-labels.yaml', 'port 8080 without a protocol'],
  ['029-calico-labels.yaml', 'port 8080 without a protocol'],
  ['070-protect-hosts.yaml', 'placeholders in nets'],
  ['081-icmp-ping.yaml', 'text behind a number'],
  ['082-icmp-ping.yaml', 'text behind a number'],
  ['083-log-rules.yaml', 'a placeholder as name'],
  ['084-log-rules.yaml', 'a placeholder as namespace'],
  ['096-kubernetes-node-ports.yaml', 'bits behind the prefix in nets'],
  ['098-kubernetes-node-ports.yaml', 'a placeholder as address'],
  ['100-services-cluster-ips.yaml', 'text behind a range'],
  ['101-services-cluster-ips.yaml', 'text behind a range'],
  ['102-services-cluster-ips.yaml', 'rules in the list of types'],
  ['108-qos-controls.yaml', 'tabs, and a spec that is left out'],
  ['109-create-ingress-gateway.yaml', 'a placeholder as namespace'],
]);

test('what Calico documents gives no error, but for samples with a fault', (t) => {
  let objects = 0;
  const faulty = new Set<string>();
  for (const path of ['docs', 'manifests'].flatMap((name) => readdirSync(folder + name).map((file) => [name, file]))) {
    const [name = '', file = ''] = path;
    const source = SourceFile.of(`file:///${file}`, readFileSync(`${folder}${name}/${file}`, 'utf8'));
    for (const { kind, node } of source.documents.flatMap(({ document }) => resourcesOf(document))) {
      if (kind.check === undefined) continue;
      objects++;
      const problems = kind.check(node, { kubernetesVersion: undefined });
      if (problems.some(({ severity }) => severity === undefined)) faulty.add(file);
    }
  }
  t.diagnostic(`${objects} objects, ${faulty.size} files with a fault`);
  assert.deepEqual([...faulty].sort(), [...faultySamples.keys()]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { read } from './pages.js';

interface Snippet {
  readonly prefix: readonly string[];
  readonly description: string;
  readonly body: readonly string[];
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const snippets = JSON.parse(read('snippets/alerts.json')) as Record<string, Snippet>;
const page = read('docs/metrics.md');

/** Names that older pages use, and what would be wrong for another reason. */
const outdated = [
  /cilium_policy_count/,
  /calico_iptables_rules_count/,
  /felix_int_dataplane_failures_total/,
  /coredns_dns_response_rcode_count_total/,
  /cilium_drop_count_total\{[^}]*POLICY_DEN/,
  /hubble_drop_total\{[^}]*Policy denied/,
];

describe('each snippet is an alert rule, by names that are used today', () => {
  for (const [title, snippet] of Object.entries(snippets)) {
    test(title, () => {
      const [rule, ...others] = rulesOf(snippet);
      assert.ok(rule !== undefined && others.length === 0);
      assert.match(rule.alert, /^[A-Z][A-Za-z]+$/);
      assert.match(rule.for ?? '5m', /^\d+[smh]$/);
      assert.match(rule.labels.severity ?? '', /^(?:warning|critical)$/);
      assert.ok(rule.annotations.summary && rule.annotations.description);
      for (const name of outdated) assert.doesNotMatch(JSON.stringify(rule), name);
      for (const metric of metricsIn(rule.expr)) assert.match(page, new RegExp(`^\\| \`${metric}\` \\|`, 'm'));
      checkParentheses(rule.expr);
      // What an annotation names, the expression must leave: it sums all other labels away.
      const kept = new Set(/^sum by \(([^)]*)\)/.exec(rule.expr)?.[1]?.split(/,\s*/) ?? []);
      for (const [, label = ''] of JSON.stringify(rule.annotations).matchAll(/\$labels\.(\w+)/g))
        assert.ok(kept.has(label), `${label} is not a label of the result`);
      assert.ok(snippet.prefix.some((prefix) => prefix.startsWith('netpol-alert-')));
      assert.match(snippet.description, /\.$/);
    });
  }
});

test('the PrometheusRule of the page has the same rules', () => {
  const [, yaml = ''] = /```yaml\n(apiVersion: monitoring[\s\S]*?)```/.exec(page) ?? [];
  const object = parse(yaml) as { kind: string; spec: { groups: { name: string; rules: AlertRule[] }[] } };
  assert.equal(object.kind, 'PrometheusRule');
  assert.deepEqual(
    object.spec.groups.flatMap((group) => group.rules),
    Object.values(snippets).flatMap(rulesOf),
  );
});

test('the page says of each outdated name what is true', () => {
  const [, older = ''] = page.split('### Names in older pages');
  const [table = ''] = older.split('## Alerts');
  for (const name of ['cilium_policy_count', 'calico_iptables_rules_count', 'felix_int_dataplane_failures_total'])
    assert.match(table, new RegExp(`^\\| \`${name}\``, 'm'));
  const [before = ''] = page.split('### Names in older pages');
  for (const name of outdated) assert.doesNotMatch(before, name);
});

test('prefixes and titles are used once', () => {
  const all = [snippets, JSON.parse(read('snippets/netpol.json').replace(/^\/\/.*\n/, '')) as Record<string, Snippet>];
  const prefixes = all.flatMap((file) => Object.values(file).flatMap(({ prefix }) => prefix));
  assert.equal(new Set(prefixes).size, prefixes.length);
});

test('VS Code is given the snippets for YAML', () => {
  const { contributes } = JSON.parse(read('package.json')) as {
    contributes: { snippets: { language: string; path: string }[] };
  };
  assert.ok(
    contributes.snippets.some(({ language, path }) => language === 'yaml' && path === './snippets/alerts.json'),
  );
});

/** The rules in the text of a snippet as an editor inserts it, with each tab stop as it is proposed. */
function rulesOf({ body }: Snippet): AlertRule[] {
  const text = body
    .join('\n')
    .replaceAll(/(?<!\\)\$\{\d+:([^}]*)\}/g, '$1')
    .replaceAll('\\$', '$');
  return parse(text) as AlertRule[];
}

function metricsIn(expr: string): readonly string[] {
  return [...expr.matchAll(/\b(?:cilium|hubble|felix|coredns|kube)_\w+/g)].map(([metric]) => metric);
}

function checkParentheses(expr: string): void {
  let depth = 0;
  for (const letter of expr) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    assert.ok(depth >= 0, expr);
  }
  assert.equal(depth, 0, expr);
}

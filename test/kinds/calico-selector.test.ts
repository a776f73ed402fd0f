import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placedPods, readSelector } from '#server/kinds/calico/selector.js';
import { expectedAt, parseSelector, repairSelector } from '#server/kinds/calico/selector-grammar.js';
import { namespaceKey, orchestratorKey, serviceAccountKey, serviceAccountName } from '#server/model/pod-facts.js';
import { everything } from '#server/model/selector.js';
import { SourceFile } from '#server/text/file.js';
import { entryOf } from '#server/text/tree.js';

/** What is wrong, and the text as it has to be; undefined where nobody can tell. */
const faults: readonly (readonly [text: string, place: string, repaired: string | undefined])[] = [
  ["app = 'x'", '=', "app == 'x'"],
  ["app='x'", '=', "app == 'x'"],
  ["app === 'x'", '=', "app == 'x'"],
  ['app == x', 'x', "app == 'x'"],
  ['a == 80', '80', "a == '80'"],
  ["a == 'x' and b == 'y'", 'and', "a == 'x' && b == 'y'"],
  ["a == 'x' OR b == 'y'", 'OR', "a == 'x' || b == 'y'"],
  ["a == 'x' & b == 'y'", '&', "a == 'x' && b == 'y'"],
  ["a == 'x' | b == 'y'", '|', "a == 'x' || b == 'y'"],
  ["a == 'x', b == 'y'", ',', "a == 'x' &&  b == 'y'"],
  ["app IN ('a','b')", 'IN', "app in {'a','b'}"],
  ["app in 'a'", "'", "app in {'a'}"],
  ["a in {'x' 'y'}", "'", "a in {'x' , 'y'}"],
  ["a NotIn {'x'}", 'NotIn', "a not in {'x'}"],
  ["a startsWith 'x'", 'startsWith', "a starts with 'x'"],
  ['has app', 'has app', 'has(app)'],
  ['has (app)', 'has (', 'has(app)'],
  ["has('app')", "'app'", 'has(app)'],
  ['app exists', 'exists', 'has(app)'],
  ['app', 'app', 'has(app)'],
  ['all', 'all', 'all()'],
  ['All()', 'All(', 'all()'],
  ['not has(a)', 'not ', '!has(a)'],
  ["k8s-app: 'dns'", ':', "k8s-app == 'dns'"],
  ["a == 'x' &&", '&&', "a == 'x'"],
  ["(a == 'x'", '(', "(a == 'x')"],
  ["a == 'x')", ')', "a == 'x'"],
  ["a == 'x", "'x", "a == 'x'"],
  ["a in {'x'", '{', "a in {'x'}"],
  ["a == 'x'\n", '\n', "a == 'x'"],
  ["a == 'x' ||\nb == 'y'", '\n', "a == 'x' || b == 'y'"],
  ["a == 'x' b == 'y'", 'b', undefined],
  ['a ! x', '!', undefined],
  ['$a', '$', undefined],
];

describe('a selector that is wrong', () => {
  for (const [text, place, repaired] of faults) {
    test(`${JSON.stringify(text)}: the place, and what was meant`, () => {
      const { fault } = parseSelector(text);
      assert.ok(fault !== undefined);
      assert.equal(text.slice(fault.range.start, fault.range.end), place);
      assert.equal(repairSelector(text), repaired);
      if (repaired !== undefined) assert.equal(parseSelector(repaired).fault, undefined);
    });
  }

  test('what reads oddly and is right', () => {
    for (const text of [
      "in in {'a'}",
      "not not in {'a'}",
      "has in {'x'}",
      "a notin{'x',}",
      'a in {}',
      "a contains'x'",
      '! !has( a )',
    ])
      assert.equal(parseSelector(text).fault, undefined, text);
  });

  test('however deep or long, it is answered', () => {
    for (const text of ['('.repeat(50_000), '!'.repeat(50_000), `${'!'.repeat(1000)}has(a)`, "a == '", 'x'.repeat(600)])
      assert.equal(parseSelector(text).fault === undefined, text.endsWith('has(a)'));
    assert.equal(repairSelector('('.repeat(2000)), undefined);
  });
});

test('what comes next while one is typed', () => {
  const next = (text: string) => {
    const found = expectedAt(text, text.length);
    return found === undefined ? undefined : [found.expected, found.label, text.slice(found.typed.start)];
  };
  assert.deepEqual(next(''), ['condition', undefined, '']);
  assert.deepEqual(next('ap'), ['condition', undefined, 'ap']);
  assert.deepEqual(next('app '), ['operator', 'app', '']);
  assert.deepEqual(next('app no'), ['operator', 'app', 'no']);
  assert.deepEqual(next('app == '), ['string', 'app', '']);
  assert.deepEqual(next("app == 'fr"), ['string', 'app', 'fr']);
  assert.deepEqual(next("app in {'a', '"), ['string', 'app', '']);
  assert.deepEqual(next('app in '), ['set', 'app', '']);
  assert.deepEqual(next('has(a'), ['label', undefined, 'a']);
  assert.deepEqual(next("app == 'x' "), ['joiner', undefined, '']);
  assert.deepEqual(next("app == 'x' && !"), ['condition', undefined, '']);
  assert.equal(next("app = 'x' && "), undefined);
});

test('what an editor colours', () => {
  const text = '!has(app) && tier in {\'a\', "b"}';
  assert.deepEqual(
    parseSelector(text).tokens.map(({ kind, range }) => `${kind} ${text.slice(range.start, range.end)}`),
    [
      'operator !',
      'function has',
      'bracket (',
      'label app',
      'bracket )',
      'operator &&',
      'label tier',
      'operator in',
      'bracket {',
      "string 'a'",
      'bracket ,',
      'string "b"',
      'bracket }',
    ],
  );
});

function read(yaml: string, of: Parameters<typeof readSelector>[1] = 'pods') {
  const { document } = SourceFile.of('file:///selector.yaml', yaml).documents[0] ?? {};
  const entry = entryOf(document?.root, 'selector');
  assert.ok(entry !== undefined);
  const found = readSelector(entry, of);
  const places = found.source.requirements.map(({ keyAt, values }) =>
    [keyAt, ...values.map(({ at }) => at)].map(({ document, range }) => document.text.slice(range.start, range.end)),
  );
  return { ...found, places };
}

describe('where its parts stand in the text', () => {
  const expected = [
    ['app', 'web'],
    ['tier', 'a', 'b'],
  ];
  const written = {
    plain: "selector: app == 'web' && tier in {'a', 'b'} # a note\n",
    'in double quotes': 'selector: "app == \'web\' && tier in {\\"a\\", \'b\'}"\n',
    'in single quotes': "selector: 'app == ''web'' && tier in {''a'', \"b\"}'\n",
    'on several plain lines': "selector: app == 'web'\n  && tier in {'a',\n    'b'}\nother: 1\n",
    folded: "selector: >-\n  app == 'web'\n  && tier in\n  {'a', 'b'}\nother: 1\n",
    'with CRLF': "selector: >-\r\n  app == 'web'\r\n  && tier in {'a', 'b'}\r\n",
    literal: "selector: |-\n  app == 'web' && tier in {'a', 'b'}\n",
  };
  for (const [how, yaml] of Object.entries(written)) {
    test(how, () => assert.deepEqual(read(yaml).places, expected));
  }

  test('the whole scalar where an alias brings it', () => {
    const yaml = "other: &a app == 'web'\nselector: *a\n";
    assert.deepEqual(read(yaml).places, [['*a', '*a']]);
  });

  test('a template says nothing', () => {
    const { uncertain, selector } = read("selector: app == '{{ .Values.app }}'\n");
    assert.deepEqual([uncertain, selector], [true, everything]);
  });
});

describe('whose labels they are', () => {
  const inNamespace = { op: 'In', key: 'kubernetes.io/metadata.name', values: ['shop'] } as const;
  const web = { op: 'In', key: 'app', values: ['web'] } as const;

  test('a namespace and a service account, of a pod', () => {
    const { selector } = read(
      "selector: projectcalico.org/namespace == 'shop' && projectcalico.org/serviceaccount != 'x'\n",
    );
    assert.deepEqual(selector, {
      op: 'And',
      terms: [
        { op: 'In', key: namespaceKey('kubernetes.io/metadata.name'), values: ['shop'] },
        { op: 'NotIn', key: serviceAccountName, values: ['x'] },
      ],
    });
  });

  test('every pod of Kubernetes has its orchestrator', () => {
    // Network sets have none, so it stays a question of its own.
    const kubernetes = { op: 'In', key: orchestratorKey, values: ['k8s'] } as const;
    assert.deepEqual(read("selector: projectcalico.org/orchestrator == 'k8s' && app == 'web'\n").selector, {
      op: 'And',
      terms: [kubernetes, web],
    });
  });

  test('of namespaces and service accounts themselves', () => {
    assert.deepEqual(read("selector: projectcalico.org/name == 'shop'\n", 'namespaces').selector, inNamespace);
    assert.equal(read('selector: all()\n', 'namespaces').anyNamespace, true);
    assert.deepEqual(read("selector: projectcalico.org/name == 'x'\n", 'accounts').selector, {
      op: 'In',
      key: serviceAccountName,
      values: ['x'],
    });
    assert.deepEqual(read('selector: has(role)\n', 'accounts').selector, {
      op: 'Exists',
      key: serviceAccountKey('role'),
    });
  });

  test('conditions on namespaces alone become the namespaces; what mixes both stays with the pods', () => {
    const both = read("selector: projectcalico.org/namespace == 'shop' && app == 'web'\n").selector;
    assert.deepEqual(placedPods(undefined, false, both), {
      namespaces: { own: false, selector: inNamespace },
      pods: web,
    });
    assert.deepEqual(placedPods(undefined, true, both), { namespaces: { own: true }, pods: both });
    const either = read("selector: projectcalico.org/namespace == 'shop' || app == 'web'\n").selector;
    assert.deepEqual(placedPods(undefined, false, either), {
      namespaces: { own: false, selector: everything },
      pods: either,
    });
  });
});

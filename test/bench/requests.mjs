// Every request of the server's table: in the workspace of many manifests, and in a file of many documents. Each is asked
// after an edit that changes what a policy or a workload says, so that nothing is answered from a memory.

import { performance } from 'node:perf_hooks';

/** One round of questions, and how many of them: what other programs of the machine cost differs, the best round counts. */
const rounds = 3;
const perRound = 30;
/** What takes long is asked less often. In milliseconds. */
const slowFrom = 250;
const onceFrom = 3000;

/**
 * Questions: what they are called, their method and parameters. `steps`: it may take longer, but is worked out in steps
 * between which others are answered; what counts is how long one of them keeps the server.
 */
function questionsOf({ policy, workload, test, empty, scope, folder, item, names }) {
  const document = (each) => ({ textDocument: { uri: each.uri } });
  const screen = { start: { line: 0, character: 0 }, end: { line: 80, character: 0 } };
  const [from, to] = names;
  const onPolicy = (behind, wanted, nth) => ({
    ...document(policy),
    position: placeOf(policy.text, behind, wanted, nth),
  });
  const whole = { start: 0, end: Math.min(policy.text.length, 3_000) };
  const onWorkload = (behind, wanted) => ({ ...document(workload), position: placeOf(workload.text, behind, wanted) });
  const ends = { ...document(policy), from, to, protocol: 'TCP', port: 8080 };
  // No action is called that, so that all are gone through.
  const title = 'any';
  const lens = (each, about) => ({ range: zero, data: { uri: each.uri, about } });
  return [
    ['hover on a policy', 'textDocument/hover', onPolicy('', 'NetworkPolicy')],
    ['hover on a peer', 'textDocument/hover', onPolicy('- ', 'podSelector')],
    ['hover on a workload', 'textDocument/hover', onWorkload('', 'Deployment')],
    ['completion of a label', 'textDocument/completion', onPolicy('      ', 'app', 0)],
    ['completion of a label’s value', 'textDocument/completion', onPolicy('              app: ', '')],
    ['completion of a port', 'textDocument/completion', onPolicy('port: ', 'metrics')],
    ['completion of a field', 'textDocument/completion', onPolicy('', 'policyTypes')],
    ['completion in an empty document', 'textDocument/completion', { ...document(empty), position: zero.start }],
    ['definition of a selector', 'textDocument/definition', onPolicy('', 'podSelector')],
    ['definition of a label of a peer', 'textDocument/definition', onPolicy('              ', 'app')],
    ['definition of a port', 'textDocument/definition', onPolicy('port: ', 'metrics')],
    ['references of a policy', 'textDocument/references', onPolicy('', 'NetworkPolicy')],
    ['references of a workload', 'textDocument/references', onWorkload('', 'Deployment')],
    ['references of a label', 'textDocument/references', onWorkload('        ', 'app')],
    ['references of a port', 'textDocument/references', onWorkload('name: ', 'metrics')],
    ['highlights', 'textDocument/documentHighlight', onPolicy('      ', 'app')],
    ['asking to rename', 'textDocument/prepareRename', onPolicy('      ', 'app')],
    [
      'renaming a label’s value',
      'textDocument/rename',
      { ...onWorkload('        app: ', ''), newName: 'renamed' },
      'steps',
    ],
    [
      'renaming a label’s key',
      'textDocument/rename',
      { ...onWorkload('        ', 'app'), newName: 'renamed' },
      'steps',
    ],
    ['renaming a port', 'textDocument/rename', { ...onWorkload('name: ', 'metrics'), newName: 'numbers' }, 'steps'],
    [
      'code actions of a place',
      'textDocument/codeAction',
      { ...document(policy), range: at(onPolicy('', 'NetworkPolicy').position), context: { diagnostics: [] } },
    ],
    [
      'code actions of a screen',
      'textDocument/codeAction',
      { ...document(policy), range: screen, context: { diagnostics: [] } },
    ],
    [
      'the edit of an action',
      'codeAction/resolve',
      { title, data: { uri: policy.uri, title, range: whole, source: 'fix' } },
    ],
    ['lenses', 'textDocument/codeLens', document(policy)],
    ['the words of a policy’s lens', 'codeLens/resolve', lens(policy, 'policy')],
    ['the words of a workload’s lens', 'codeLens/resolve', lens(workload, 'selected')],
    ['the words of a lens on neighbours', 'codeLens/resolve', lens(workload, 'reached')],
    ['hierarchy, its root', 'textDocument/prepareCallHierarchy', onWorkload('', 'Deployment')],
    ['hierarchy, may be reached by', 'callHierarchy/incomingCalls', { item }, 'steps'],
    ['hierarchy, may reach', 'callHierarchy/outgoingCalls', { item }, 'steps'],
    ['the difference against HEAD', 'netpol/changes', {}, 'steps'],
    ['revisions', 'netpol/revisions', {}, 'steps'],
    ['effective policy', 'netpol/effective', onPolicy('', 'NetworkPolicy')],
    ['explain', 'netpol/explain', ends, 'steps'],
    ['repairs', 'netpol/repairs', ends, 'steps'],
    ['one repair', 'netpol/repair', { ...ends, title: 'none' }, 'steps'],
    ['endpoints', 'netpol/endpoints', document(policy), 'steps'],
    ['templates', 'netpol/templates', onPolicy('', 'NetworkPolicy')],
    ['applying a template', 'netpol/applyTemplate', { ...onPolicy('', 'NetworkPolicy'), id: 'default-deny' }],
    ['choices for a baseline', 'netpol/baselineChoices', document(policy)],
    ['baseline', 'netpol/baseline', { ...document(policy), namespace: 'shop-0', folder }],
    ['tests', 'netpol/tests', {}],
    ['running tests', 'netpol/runTests', { files: [{ uri: test.uri }] }, 'steps'],
    ['overview', 'netpol/overview', {}],
    ['objects of a scope', 'netpol/scopeObjects', { id: scope }, 'steps'],
    ['policy map of a namespace', 'netpol/map', { ...document(policy), namespaces: [from.split('/')[0]] }, 'steps'],
    ['the cursor on the map', 'netpol/mapCursor', { ...onPolicy('', 'NetworkPolicy'), scope }],
    ['an arrow of the map', 'netpol/mapArrow', { scope, from, to }, 'steps'],
    ['outline', 'textDocument/documentSymbol', document(policy)],
    ['symbols of the workspace', 'workspace/symbol', { query: 'shop' }],
    ['folds', 'textDocument/foldingRange', document(policy)],
    [
      'selection',
      'textDocument/selectionRange',
      { ...document(policy), positions: [onPolicy('port: ', 'metrics').position] },
    ],
    ['links', 'textDocument/documentLink', document(policy)],
    ['hints of a screen', 'textDocument/inlayHint', { ...document(policy), range: screen }],
    ['colours', 'textDocument/semanticTokens/full', document(policy)],
    ['colours of a screen', 'textDocument/semanticTokens/range', { ...document(policy), range: screen }],
  ];
}

const zero = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const at = (position) => ({ start: position, end: position });

/** Where `wanted` stands behind some other text. */
function placeOf(text, behind, wanted, nth = 0) {
  let found = -1;
  for (let n = 0; n <= nth; n++) found = text.indexOf(behind + wanted, found + 1);
  if (found < 0) throw new Error(`"${behind}${wanted}" is not in the text`);
  const before = text.slice(0, found + behind.length).split('\n');
  return { line: before.length - 1, character: before.at(-1).length };
}

/**
 * Asks every question; gives for each its times and the longest block of the server, of the best round.
 *
 * A time is what has passed or what the server computed meanwhile, whichever is less: beside other work of the machine an
 * answer waits for its turn, and the computing of a process that has several threads counts each.
 */
export async function askAll(subjects, { only, quick = false, each }) {
  const { session, edits } = subjects;
  const found = [];
  for (const [title, method, given, kind] of questionsOf(subjects)) {
    if (only !== undefined && !only(method)) continue;
    const question = { title, method, given, inSteps: kind === 'steps', edits };
    const first = await round(session, question, 1);
    const [time = 0] = first.times;
    const many = quick || time > slowFrom ? 3 : perRound;
    const best = time > onceFrom ? [first] : [];
    while (best.length < (quick || time > slowFrom ? 1 : rounds)) best.push(await round(session, question, many));
    const worst = ({ times }) => quantile(times, 0.99);
    const [{ times }] = best.toSorted((a, b) => worst(a) - worst(b));
    const answer = { ...question, first: time, times, block: Math.min(...best.map(({ block }) => block)) };
    found.push(answer);
    each(answer);
  }
  return found;
}

async function round({ client }, { method, given, edits }, count) {
  const times = [];
  let block = 0;
  for (let n = 0; n < count; n++) {
    edits[n % edits.length](n);
    const used = await client.meter('begin');
    const before = performance.now();
    await client.request(method, given);
    const passed = performance.now() - before;
    const { cpu, block: longest } = await client.meter('end');
    times.push(Math.min(passed, cpu - used.cpu));
    block = Math.max(block, longest);
  }
  return { times, block };
}

export function quantile(times, share) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

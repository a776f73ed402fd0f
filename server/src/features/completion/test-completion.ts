import type { CompletionItem } from 'vscode-languageserver-types';
import type { Expectations } from '../../engine/expectations.js';
import type { ExpectedEnd } from '../../model/expectation.js';
import type { Netpol } from '../../service.js';
import { toData } from '../../text/data.js';
import type { SourceFile } from '../../text/file.js';
import { nodeAt } from '../../text/paths.js';
import type { TypingPlace } from '../../text/typing-place.js';
import { testFields } from '../../workspace/test-fields.js';
import { readEnds, readTests } from '../../workspace/test-file.js';
import { endNames, labelTexts, testedIn, unique } from '../tests/test-names.js';
import type { CompletionSupport } from './completion-text.js';
import { fieldCompletions, type KnownText } from './field-completion.js';

/** What may be typed in a `*.netpol-test.yaml` file: its fields, and the names, labels and ports of what it is about. */
export function testCompletions(
  netpol: Netpol,
  file: SourceFile,
  offset: number,
  support: CompletionSupport,
): readonly CompletionItem[] {
  const document = file.documentAt(offset)?.document;
  if (document === undefined) return [];
  const tests = readTests(document);
  const known = ({ path }: TypingPlace): readonly KnownText[] => {
    const [first, , field, ...rest] = path;
    if (first === 'scope') return netpol.workspace.index.scopes.map(({ title }) => ({ text: title }));
    const all = testedIn(netpol, tests).map(({ expectations }) => expectations);
    if (path.at(-1) === 'namespace')
      return unique(all.flatMap(({ cluster }) => [...cluster.namespaces.keys()].map((text) => ({ text }))));
    const last = rest.at(-1);
    if (last === 'pods') return labelTexts(all.flatMap(({ cluster }) => cluster.pods.map(({ labels }) => labels)));
    if (last === 'namespaceLabels')
      return labelTexts(all.flatMap(({ cluster }) => [...cluster.namespaces.values()].map(({ labels }) => labels)));
    if (field === 'from' || field === 'to' || field === 'except')
      return unique(all.flatMap(({ cluster }) => endNames(cluster, field)));
    if (field !== 'port') return [];
    const to = readEnds(toData(nodeAt(document, [...path.slice(0, 2), 'to'])));
    return unique(all.flatMap((each) => portsOf(each, to)));
  };
  return fieldCompletions(file, offset, { root: testFields, support, known });
}

/** The ports of what is connected to: those of a service, else those that the pods' containers declare. */
function portsOf(expectations: Expectations, to: readonly ExpectedEnd[]): readonly KnownText[] {
  return to.flatMap((end) => {
    const found = expectations.resolve(end);
    if ('problem' in found) return [];
    const ports =
      found.service?.value.headless === false
        ? found.service.value.ports
        : found.ends.flatMap((each) => (each.kind === 'pods' ? each.pods.ports : []));
    return ports.flatMap(({ name, port, protocol }) => [
      { text: protocol === 'TCP' ? String(port) : `${port}/${protocol}`, doc: name ?? protocol },
      ...(name === undefined ? [] : [{ text: name, doc: `${protocol} ${port}` }]),
    ]);
  });
}

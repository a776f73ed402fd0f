import type { CodeLens, Command, Position } from 'vscode-languageserver-types';
import { resourcesOf } from '../../kinds/index.js';
import type { Resource } from '../../kinds/kind.js';
import type { SourceFile } from '../../text/file.js';
import { keyOf } from '../../workspace/files.js';
import { isTestFile } from '../../workspace/test-file.js';
import { changeLenses, removedLenses } from '../changes/change-lens.js';
import { membersOf } from '../cursor.js';
import { type Asked, type DocumentParams, defineFeature } from '../feature.js';
import { commandFor } from './lens-command.js';
import { neighbourWords, policyWords, selectedWords } from './lens-words.js';
import { testCommand, testsIn } from './test-lens.js';

/** What a lens is about. Its words are worked out when it comes into sight. */
type About = 'policy' | 'selected' | 'reached' | 'reaches' | 'test';

interface LensData {
  readonly uri: string;
  readonly about: About;
  /** Of several things that one object says. */
  readonly part?: number;
}

export const codeLensFeature = defineFeature({
  method: 'textDocument/codeLens',
  doc: 'A line over each policy, workload and test: whom it selects, who may connect, whether it holds.',
  capability: () => ({ codeLensProvider: { resolveProvider: true } }),
  afterLoad: true,
  refresh: 'workspace/codeLens/refresh',
  answer: (asked, { textDocument }: DocumentParams) => lensesOf(asked, keyOf(textDocument.uri)),
});

export const codeLensResolveFeature = defineFeature({
  method: 'codeLens/resolve',
  doc: 'The words of a lens, worked out when it comes into sight, and the command behind it.',
  answer: (asked, lens: CodeLens) => resolveLens(asked, lens),
});

function lensesOf(asked: Asked, uri: string): readonly CodeLens[] {
  const { workspace } = asked.netpol;
  const file = workspace.file(uri);
  if (file === undefined) return [];
  const lens = (offset: number, data: Omit<LensData, 'uri'>): CodeLens => {
    const start = file.lines.positionAt(offset);
    return { range: { start, end: start }, data: { uri, ...data } };
  };
  if (isTestFile(uri)) {
    return testsIn(file).map(({ offset }) => lens(offset, { about: 'test' }));
  }
  const objects = resourcesIn(file).flatMap(({ resource, offset }) => {
    const members = membersOf(workspace, resource);
    const part = resource.part === undefined ? {} : { part: resource.part };
    if (members.some(({ policy }) => policy !== undefined)) {
      const own = lens(offset, { about: 'policy', ...part });
      return [own, ...changeLenses(asked, uri, members, own.range)];
    }
    if (!members.some(({ workload }) => workload !== undefined)) return [];
    return (['selected', 'reached', 'reaches'] as const).map((about) => lens(offset, { about, ...part }));
  });
  return [...removedLenses(asked, uri), ...objects];
}

function resolveLens(asked: Asked, lens: CodeLens): CodeLens {
  if (lens.command !== undefined) return lens;
  const { netpol } = asked;
  const data: Partial<LensData> = typeof lens.data === 'object' && lens.data !== null ? lens.data : {};
  const file = typeof data.uri === 'string' ? netpol.workspace.file(data.uri) : undefined;
  // What has gone meanwhile is asked for again by the client.
  const gone = { ...lens, command: { title: '', command: '' } };
  if (file === undefined) return gone;
  const offset = file.lines.offsetAt(lens.range.start);
  if (data.about === 'test') {
    const found = testsIn(file).find((each) => each.offset === offset);
    return found === undefined ? gone : { ...lens, command: testCommand(asked, file, found) };
  }
  const found = resourcesIn(file).find((each) => each.offset === offset && each.resource.part === data.part);
  const command = found && objectCommand(asked, file.uri, found.resource, lens.range.start, data.about);
  return command === undefined ? gone : { ...lens, command };
}

const commandsOf: Readonly<Record<Exclude<About, 'test'>, string>> = {
  policy: 'netpol.showEffective',
  selected: 'netpol.showEffective',
  reached: 'netpol.mayBeReachedBy',
  reaches: 'netpol.mayReach',
};

function objectCommand(
  asked: Asked,
  uri: string,
  resource: Resource,
  position: Position,
  about: Exclude<About, 'test'> | undefined,
): Command | undefined {
  const { netpol } = asked;
  if (about === undefined || !Object.hasOwn(commandsOf, about)) return undefined;
  const said = membersOf(netpol.workspace, resource).flatMap(({ scope, policy, workload }) => {
    const profile = netpol.profileOf(scope);
    const words =
      about === 'policy'
        ? policy && netpol.kept('policy lens', policy, scope, () => policyWords(scope, profile, policy))
        : workload &&
          (about === 'selected'
            ? selectedWords(scope, profile, workload)
            : netpol.kept(`${about} lens`, workload, scope, () =>
                neighbourWords(netpol, scope, workload, about === 'reached' ? 'ingress' : 'egress'),
              ));
    return words === undefined ? [] : [{ scope, words }];
  });
  const [first] = said;
  if (first === undefined) return undefined;
  const others = said.filter(({ words }) => words !== first.words).length;
  const more = others === 1 ? '1 other scope' : `${others} other scopes`;
  const title = others === 0 ? first.words : `${first.words} in ${first.scope.title}, otherwise in ${more}`;
  return commandFor(asked, title, commandsOf[about], { textDocument: { uri }, position });
}

function resourcesIn(file: SourceFile): readonly { readonly resource: Resource; readonly offset: number }[] {
  return file.documents.flatMap(({ document, offset }) =>
    resourcesOf(document)
      .filter(({ object }) => object?.type === 'policy' || object?.type === 'workload')
      .map((resource) => ({ resource, offset: offset + resource.node.range.start })),
  );
}

import { arrowWords, nodeWords, portWords } from 'netpol-language-server/out/picture/drawing.js';
import type { Arrow, Picture, PictureNode } from 'netpol-language-server/out/picture/picture.js';
import type { MapLine, MapPlace, MapWords } from '../map-messages.js';
import { element } from './element.js';
import { endsOf, neighboursOf } from './visible.js';

/** What a person can do from the list beside the picture. */
export interface DetailActions {
  open(place: MapPlace): void;
  chooseArrow(arrow: Arrow): void;
  chooseNode(node: PictureNode): void;
  openNamespace(node: PictureNode): void;
  closeNamespace(name: string): void;
  explain(arrow: Arrow): void;
}

/** What the list is about. */
export interface DetailsOf {
  readonly picture: Picture;
  readonly places: Readonly<Record<string, readonly MapPlace[]>>;
  readonly words: MapWords;
}

const mostListed = 300;

/** About a node: its workloads with their lines, whom it reaches, who reaches it, whom it does not reach. */
export function nodeDetails(
  { picture, places, words }: DetailsOf,
  node: PictureNode,
  actions: DetailActions,
): readonly Node[] {
  const { sends, receives, denied } = neighboursOf(picture, node);
  const namespace = node.role === 'pods' ? node.names[0]?.split('/')[0] : undefined;
  const own = node.names.flatMap((name) => (places[name] ?? []).map((place) => ({ name, place })));
  const other = (arrow: Arrow) => () => actions.chooseArrow(arrow);
  return [
    element('h2', {}, nodeWords(node)),
    ...(node.role === 'namespace'
      ? [
          element(
            'button',
            { click: () => actions.openNamespace(node) },
            words.openNamespace.replace('{0}', node.heading),
          ),
        ]
      : []),
    list(own.map(({ name, place }) => link(name, () => actions.open(place)))),
    ...section(
      words.mayReach,
      sends.filter(isAllowed).map((arrow) => link(otherWords(picture, arrow, node, 'to'), other(arrow))),
      words.reachesNothing,
    ),
    ...section(
      words.reachedBy,
      receives.filter(isAllowed).map((arrow) => link(otherWords(picture, arrow, node, 'from'), other(arrow))),
      words.reachedByNothing,
    ),
    ...section(
      words.oneSided,
      [...new Set([...sends, ...receives])]
        .filter((arrow) => !isAllowed(arrow))
        .map((arrow) => link(arrowWords(arrow), other(arrow))),
    ),
    ...section(
      words.mayNotReach,
      denied.map((each) => link(nodeWords(each), () => actions.chooseNode(each))),
    ),
    ...(namespace === undefined
      ? []
      : [
          element('h3'),
          element(
            'button',
            { click: () => actions.closeNamespace(namespace) },
            words.closeNamespace.replace('{0}', namespace),
          ),
        ]),
  ];
}

/** About an arrow: in words, with the lines that decide it. */
export function arrowDetails(
  arrow: Arrow,
  lines: readonly MapLine[] | undefined,
  words: MapWords,
  actions: DetailActions,
): readonly Node[] {
  const decided = lines?.map((line) =>
    link(`${line.words} (${fileName(line.uri)}:${line.range.start.line + 1})`, () => actions.open(line)),
  );
  return [
    element('h2', {}, arrowWords(arrow)),
    ...(lines === undefined ? [element('p', {}, words.loading)] : []),
    ...section(words.decidedBy, decided ?? []),
    element('h3'),
    element('button', { click: () => actions.explain(arrow) }, words.explain),
  ];
}

/** The picture in words: every arrow, for who does not see it. */
export function allDetails({ picture, words }: DetailsOf, actions: DetailActions): readonly Node[] {
  const arrows = picture.arrows.slice(0, mostListed);
  return [
    element('h3', {}, words.everything),
    list(arrows.map((arrow) => link(arrowWords(arrow), () => actions.chooseArrow(arrow)))),
  ];
}

/** "db on TCP 5432": the end that is not the node itself. */
function otherWords(picture: Picture, arrow: Arrow, node: PictureNode, side: 'from' | 'to'): string {
  const turned = endsOf(picture, arrow, side).includes(node) && arrow.from !== arrow.to;
  const seen = turned ? (side === 'to' ? 'from' : 'to') : side;
  const whole = arrow.every[seen];
  return `${whole === undefined ? nodeWords(arrow[seen]) : whole}: ${portWords(arrow.ports)}`;
}

function isAllowed({ kind }: Arrow): boolean {
  return kind === 'allowed';
}

function section(title: string, items: readonly HTMLElement[], none?: string): readonly Node[] {
  if (items.length === 0) return none === undefined ? [] : [element('h3', {}, title), element('p', {}, none)];
  return [element('h3', {}, title), list(items)];
}

function list(items: readonly HTMLElement[]): HTMLElement {
  return element('ul', {}, ...items.map((item) => element('li', {}, item)));
}

function link(text: string, click: () => void): HTMLElement {
  return element('button', { class: 'link', click }, text);
}

function fileName(uri: string): string {
  return decodeURIComponent(uri.split('/').at(-1) ?? uri);
}

import { toClose } from 'netpol-language-server/out/picture/closed.js';
import { type PictureData, pictureFrom } from 'netpol-language-server/out/picture/data.js';
import { arrowWords, drawing, nodeWords } from 'netpol-language-server/out/picture/drawing.js';
import { type Laid, laidOut, type Shape } from 'netpol-language-server/out/picture/layout.js';
import type { Arrow, Picture, PictureNode } from 'netpol-language-server/out/picture/picture.js';
import { drawn } from 'netpol-language-server/out/picture/svg.js';
import type { FromPage, MapLine, MapResult, MapWords, ToPage } from '../map-messages.js';
import { allDetails, arrowDetails, type DetailActions, nodeDetails } from './details.js';
import { element } from './element.js';
import { markIn } from './marks.js';
import { nearestIn } from './nearest.js';
import { pageStyle } from './page-style.js';
import { PanZoom } from './pan-zoom.js';
import { legend, toolbar } from './toolbar.js';
import { arrowKey, foundBy, neighboursOf, nodeNamed, nodesOf, visiblePicture } from './visible.js';

/** What VS Code gives to the scripts of a webview. */
declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const editor = acquireVsCodeApi();
const send = (message: FromPage) => editor.postMessage(message);

const sheet = new CSSStyleSheet();
sheet.replaceSync(pageStyle);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

const header = element('header', { role: 'toolbar' });
const stage = element('div', { id: 'stage' });
const panel = element('aside', { id: 'details' });
const status = element('div', { id: 'status', role: 'status', 'aria-live': 'polite' });
document.body.append(header, element('main', {}, stage, panel), status);
const view = new PanZoom(stage);

type Selected = { readonly node: string } | { readonly arrow: string };

let result: MapResult<PictureData> | undefined;
let words: MapWords | undefined;
/** All that the server has sent, and the part of it that is drawn. */
let whole: Picture = { groups: [], arrows: [] };
let visible = whole;
let laid: Laid | undefined;
let drawnAs = '';
let drawnContent = '';
let closedNow: ReadonlySet<string> = new Set();
/** What a person has opened or closed stays so, whatever would be chosen by itself. */
let closedByHand = false;
let scopeBefore: string | undefined;
let selected: Selected | undefined;
let focused: string | undefined;
let lines: readonly MapLine[] | undefined;
let here: readonly string[] = [];
let query = '';
/** In a narrow page the drawing needs the room: there the list comes with what is chosen. */
const shows = { around: false, denied: false, list: window.innerWidth > 640 };

window.addEventListener('message', ({ data }: MessageEvent<ToPage<PictureData>>) => {
  if (data.type === 'map') takeMap(data.result, data.words);
  else if (data.type === 'cursor') {
    here = data.cursor?.names ?? [];
    status.textContent = data.cursor === null ? '' : (words?.here ?? '').replace('{0}', data.cursor.title);
    mark();
  } else if (selected !== undefined && 'arrow' in selected && selected.arrow === data.key) {
    lines = data.lines;
    showDetails();
  }
});
let windowShape = shapeOf(document.documentElement);
window.addEventListener('resize', () => laid !== undefined && takeSize());
send({ type: 'ready' });

/** A first picture, another scope, or the same after an edit. */
function takeMap(next: MapResult<PictureData>, text: MapWords): void {
  const other = JSON.stringify([next.scope, next.shown]) !== scopeBefore;
  scopeBefore = JSON.stringify([next.scope, next.shown]);
  [result, words] = [next, text];
  whole = next.picture === undefined ? { groups: [], arrows: [] } : pictureFrom(next.picture);
  if (other) {
    [selected, lines, closedByHand] = [undefined, undefined, false];
    drawnAs = '';
  }
  if (!closedByHand) closedNow = toClose(whole);
  showToolbar();
  redraw(other);
}

function showToolbar(): void {
  if (result === undefined || words === undefined) return;
  const focus = document.activeElement?.id;
  header.replaceChildren(
    ...toolbar(
      result,
      words,
      { query, ...shows, closed: closedNow.size > 0 },
      {
        search: (text) => {
          query = text;
          mark();
          report();
        },
        choose: (scope, namespace) =>
          send({
            type: 'choose',
            ...(scope === undefined ? {} : { scope }),
            namespaces: namespace === undefined || namespace === '' ? [] : [namespace],
          }),
        fit: () => view.fit(),
        zoom: (factor) => view.zoom(factor),
        toggle: (name) => {
          shows[name] = !shows[name];
          showToolbar();
          redraw(name === 'around');
        },
        closeAll: (close) => {
          closedByHand = true;
          closedNow = new Set(
            close
              ? whole.groups.flatMap(({ namespace, frame }) => (namespace === undefined || frame ? [] : [namespace]))
              : [],
          );
          showToolbar();
          redraw(true);
        },
        save: () => send({ type: 'save', svg: drawn(visible, undefined, shapeOf(stage)) }),
      },
    ),
  );
  if (focus !== undefined && focus !== '') document.getElementById(focus)?.focus();
}

/** Lays out and draws what is to be seen, where it is not the same as before. */
function redraw(fit: boolean): void {
  if (result === undefined || words === undefined) return;
  if (result.problem !== undefined) {
    showProblem(result.problem);
    return;
  }
  const around = shows.around && selected !== undefined && 'node' in selected ? selected.node : undefined;
  const next = visiblePicture(whole, { closed: closedNow, around });
  const content = JSON.stringify(next);
  // What is drawn already stays, down to its nodes: they are told apart by identity.
  if (content !== drawnContent) visible = next;
  drawnContent = content;
  if (selected !== undefined && !isThere(selected)) [selected, lines] = [undefined, undefined];
  // The list first: what it takes of the page is not there for the drawing.
  showDetails();
  const shape = shapeOf(stage);
  const as = `${shape} ${content}`;
  if (as !== drawnAs) {
    drawnAs = as;
    const anchor = anchorOf();
    const hadFocus = stage.contains(document.activeElement);
    laid = laidOut(visible, shape);
    const parsed = new DOMParser().parseFromString(
      drawing(laid, { title: words.title }),
      'image/svg+xml',
    ).documentElement;
    const svg = document.importNode(parsed, true);
    if (!(svg instanceof SVGSVGElement)) throw new Error('the drawing is no SVG');
    svg.setAttribute('role', 'group');
    stage.replaceChildren(svg);
    view.take(svg);
    if (fit) view.fit();
    else keep(anchor);
    bringToLife(hadFocus);
  } else if (fit) view.fit();
  mark();
}

/** An edit may take away what was chosen. */
function isThere(chosen: Selected): boolean {
  if ('node' in chosen) return nodesOf(visible).some(({ id }) => id === chosen.node);
  return visible.arrows.some((arrow) => arrowKey(arrow) === chosen.arrow);
}

/** A page beside an editor is rather tall. */
function shapeOf({ clientWidth, clientHeight }: HTMLElement): Shape {
  return clientWidth < 700 || clientWidth < clientHeight * 1.1 ? 'tall' : 'wide';
}

function showProblem(problem: string): void {
  if (result === undefined || words === undefined) return;
  [drawnAs, drawnContent, laid, visible] = ['', '', undefined, { groups: [], arrows: [] }];
  const choices = result.namespaces
    .slice(0, 200)
    .map(({ name, workloads }) =>
      element('button', { click: () => send({ type: 'choose', namespaces: [name] }) }, `${name} (${workloads})`),
    );
  stage.replaceChildren(
    element('div', { id: 'problem' }, element('p', {}, problem), ...choices.flatMap((each) => [each, ' '])),
  );
  panel.replaceChildren();
  showDetails();
}

/** A node that is to stay where it is on the screen, though all around it moves. */
function anchorOf(): { id: string; x: number; y: number } | undefined {
  const wanted = selected !== undefined && 'node' in selected ? selected.node : nodeNamed(visible, here[0] ?? '')?.id;
  const found = laid?.nodes.find(({ node }) => node.id === wanted) ?? laid?.nodes[0];
  return found === undefined ? undefined : { id: found.node.id, ...view.onStage(found) };
}

function keep(anchor: { id: string; x: number; y: number } | undefined): void {
  const now = laid?.nodes.find(({ node }) => node.id === anchor?.id);
  if (anchor === undefined || now === undefined) return;
  const at = view.onStage(now);
  view.move(anchor.x - at.x, anchor.y - at.y);
}

let fittedTo = '';
/** A window that has just got its size, or another shape, shows all; one that is a little larger or smaller keeps its place. */
function takeSize(): void {
  const shape = shapeOf(document.documentElement);
  if (shape !== windowShape) {
    windowShape = shape;
    redraw(true);
    return;
  }
  if (fittedTo === scopeBefore) return;
  fittedTo = scopeBefore ?? '';
  view.fit();
}

/** Lets the elements of a new drawing be chosen by mouse and keyboard. */
function bringToLife(focus: boolean): void {
  const first = laid?.nodes.find(({ node }) => node.id === focused) ?? laid?.nodes[0];
  for (const [index, { node }] of (laid?.nodes ?? []).entries()) {
    const group = stage.querySelector<SVGGElement>(`[data-node="${index}"]`);
    if (group === null) continue;
    const { sends, receives } = neighboursOf(visible, node);
    group.setAttribute('role', 'button');
    group.setAttribute('tabindex', node === first?.node ? '0' : '-1');
    const label = `${nodeWords(node)}, ${node.below}. ${words?.mayReach}: ${sends.length}. ${words?.reachedBy}: ${receives.length}.`;
    group.setAttribute('aria-label', label);
    group.addEventListener('click', () => {
      chooseNode(node);
      group.focus();
      if (node.role === 'namespace') openNamespace(node);
      else openFirst(node);
    });
    group.addEventListener('keydown', (event) => nodeKey(event, node));
    group.addEventListener('focus', () => {
      focused = node.id;
      const area = laid?.nodes[index];
      if (area !== undefined) view.reveal(area);
    });
    if (focus && node === first?.node) group.focus();
  }
  for (const group of stage.querySelectorAll<SVGGElement>('.arrow')) {
    const arrow = laid?.arrows[Number(group.dataset.arrow)]?.arrow;
    if (arrow !== undefined) group.addEventListener('click', () => chooseArrow(arrow));
  }
  for (const group of stage.querySelectorAll<SVGGElement>('.label')) {
    const arrow = laid?.arrows[Number(group.dataset.arrows?.split(' ')[0])]?.arrow;
    if (arrow !== undefined) group.addEventListener('click', () => chooseArrow(arrow));
  }
  for (const box of stage.querySelectorAll<SVGGElement>('.box[data-namespace]')) {
    const name = box.dataset.namespace ?? '';
    const title = box.querySelector('text');
    title?.addEventListener('click', () => closeNamespace(name));
  }
}

stage.addEventListener('click', ({ target }) => {
  if (target === stage || (target instanceof Element && target.matches('svg'))) clear();
});

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  const act = keys[event.key];
  if (event.key === 'Escape') {
    if (typing && query === '') focusNode();
    clear();
  } else if (typing && event.key === 'Enter') {
    chooseFirstFound();
  } else if (!typing && act !== undefined) act();
  else return;
  event.preventDefault();
});

const keys: Readonly<Record<string, () => void>> = {
  '+': () => view.zoom(1.25),
  '=': () => view.zoom(1.25),
  '-': () => view.zoom(0.8),
  '0': () => view.fit(),
  '/': () => document.getElementById('search')?.focus(),
};

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function nodeKey(event: KeyboardEvent, node: PictureNode): void {
  const direction = directions[event.key];
  if (direction !== undefined) {
    const next = nearestIn(laid?.nodes ?? [], node, direction);
    if (next !== undefined) focusNode(next);
  } else if (event.key === 'Enter') {
    chooseNode(node);
    if (node.role === 'namespace') openNamespace(node);
    else openFirst(node);
  } else if (event.key === ' ') chooseNode(node);
  else return;
  event.preventDefault();
}

function focusNode(node?: PictureNode): void {
  const wanted = node?.id ?? focused;
  const index = laid?.nodes.findIndex((each) => each.node.id === wanted) ?? -1;
  for (const other of stage.querySelectorAll('.node[tabindex="0"]')) other.setAttribute('tabindex', '-1');
  const group = stage.querySelector<SVGGElement>(`[data-node="${Math.max(0, index)}"]`);
  group?.setAttribute('tabindex', '0');
  group?.focus();
}

function chooseNode(node: PictureNode): void {
  [selected, lines, focused] = [{ node: node.id }, undefined, node.id];
  if (shows.around) redraw(false);
  mark();
  showDetails();
}

function chooseArrow(arrow: Arrow): void {
  const key = arrowKey(arrow);
  [selected, lines] = [{ arrow: key }, undefined];
  mark();
  showDetails();
  const ends = namesOf(arrow);
  if (ends !== undefined) send({ type: 'arrow', key, ...ends, kind: arrow.kind });
}

/** Two names that an arrow is about, different ones. */
function namesOf(arrow: Arrow): { from: string; to: string } | undefined {
  const [from] = arrow.from.names;
  const to = arrow.to.names.find((name) => name !== from);
  return from === undefined || to === undefined ? undefined : { from, to };
}

function clear(): void {
  const redrawn = shows.around && selected !== undefined;
  [selected, lines, query] = [undefined, undefined, ''];
  const search = document.getElementById('search');
  if (search instanceof HTMLInputElement) search.value = '';
  if (redrawn) redraw(true);
  mark();
  report();
  showDetails();
}

function chooseFirstFound(): void {
  const [first] = foundBy(visible, query)?.nodes ?? [];
  if (first === undefined) return;
  chooseNode(first);
  focusNode(first);
}

function openFirst({ names }: PictureNode): void {
  const place = names.flatMap((name) => result?.places[name] ?? [])[0];
  if (place !== undefined) send({ type: 'open', place });
}

function openNamespace({ heading }: PictureNode): void {
  closedByHand = true;
  closedNow = new Set([...closedNow].filter((name) => name !== heading));
  selected = undefined;
  showToolbar();
  redraw(false);
  const [first] = visible.groups.find(({ namespace }) => namespace === heading)?.nodes ?? [];
  if (first !== undefined) focusNode(first);
}

function closeNamespace(name: string): void {
  closedByHand = true;
  closedNow = new Set([...closedNow, name]);
  selected = undefined;
  showToolbar();
  redraw(false);
  focusNode(nodesOf(visible).find(({ role, heading }) => role === 'namespace' && heading === name));
}

/** What is chosen, found or at the cursor stands out. */
function mark(): void {
  if (laid === undefined) return;
  markIn(stage, laid, {
    picture: visible,
    node: selected !== undefined && 'node' in selected ? selected.node : undefined,
    arrow: selected !== undefined && 'arrow' in selected ? selected.arrow : undefined,
    here,
    found: foundBy(visible, query),
    denied: shows.denied,
  });
}

/** What is chosen stays in view when the list takes a part of the page. */
function revealSelected(): void {
  const chosen = selected !== undefined && 'node' in selected ? selected.node : undefined;
  const area = laid?.nodes.find(({ node }) => node.id === chosen);
  if (area !== undefined) view.reveal(area);
}

/** Says how much a search has found. */
function report(): void {
  const found = foundBy(visible, query);
  if (words === undefined) return;
  status.textContent =
    found === undefined
      ? ''
      : found.nodes.size === 0
        ? words.nothingFound
        : words.found.replace('{0}', String(found.nodes.size));
}

const actions: DetailActions = {
  open: (place) => send({ type: 'open', place }),
  chooseArrow,
  chooseNode: (node) => {
    chooseNode(node);
    focusNode(node);
  },
  openNamespace,
  closeNamespace,
  explain: (arrow) => {
    const ends = namesOf(arrow);
    if (ends !== undefined) send({ type: 'explain', ...ends });
  },
};

function showDetails(): void {
  const hidden = (!shows.list && selected === undefined) || result?.problem !== undefined;
  if (panel.hidden !== hidden) {
    panel.hidden = hidden;
    revealSelected();
  }
  if (words === undefined || result === undefined || result.problem !== undefined) return;
  const about = { picture: visible, places: result.places, words };
  const chosen = selected;
  const node =
    chosen !== undefined && 'node' in chosen ? nodesOf(visible).find(({ id }) => id === chosen.node) : undefined;
  const arrow =
    chosen !== undefined && 'arrow' in chosen
      ? visible.arrows.find((each) => arrowKey(each) === chosen.arrow)
      : undefined;
  const content =
    node !== undefined
      ? nodeDetails(about, node, actions)
      : arrow !== undefined
        ? arrowDetails(arrow, lines, words, actions)
        : [legend(words), ...allDetails(about, actions)];
  panel.setAttribute('aria-label', arrow === undefined ? words.list : arrowWords(arrow));
  panel.replaceChildren(...content);
}

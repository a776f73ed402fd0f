import type { MapResult, MapWords } from '../map-messages.js';
import { element } from './element.js';

/** What the buttons and fields above the picture do. */
export interface ToolbarActions {
  search(text: string): void;
  choose(scope: string | undefined, namespace: string | undefined): void;
  fit(): void;
  zoom(factor: number): void;
  toggle(name: 'around' | 'denied' | 'list'): void;
  closeAll(close: boolean): void;
  save(): void;
}

/** What they show. */
export interface ToolbarState {
  readonly query: string;
  readonly around: boolean;
  readonly denied: boolean;
  readonly list: boolean;
  readonly closed: boolean;
}

export function toolbar(
  result: MapResult,
  words: MapWords,
  state: ToolbarState,
  actions: ToolbarActions,
): readonly HTMLElement[] {
  const search = element('input', {
    id: 'search',
    type: 'search',
    placeholder: words.search,
    'aria-label': words.search,
  });
  search.value = state.query;
  search.addEventListener('input', () => actions.search(search.value));
  const scope = element('select', { id: 'scope', 'aria-label': words.scope, title: words.scope });
  scope.append(
    ...result.scopes.map(({ id, title }) => element('option', { value: id, selected: id === result.scope }, title)),
  );
  scope.addEventListener('change', () => actions.choose(scope.value, undefined));
  const namespace = element('select', { id: 'namespace', 'aria-label': words.namespace, title: words.namespace });
  namespace.append(
    element('option', { value: '' }, words.allNamespaces),
    ...result.namespaces.map(({ name, workloads }) =>
      element('option', { value: name, selected: result.shown.includes(name) }, `${name} (${workloads})`),
    ),
  );
  namespace.addEventListener('change', () => actions.choose(result.scope, namespace.value));
  const toggle = (name: 'around' | 'denied' | 'list', text: string, help: string) =>
    element(
      'button',
      { id: name, title: help, 'aria-pressed': String(state[name]), click: () => actions.toggle(name) },
      text,
    );
  const button = (id: string, text: string, help: string, click: () => void) =>
    element('button', { id, title: help, 'aria-label': help, click }, text);
  return [
    search,
    ...(result.scopes.length > 1 ? [scope] : []),
    ...(result.namespaces.length > 1 ? [namespace] : []),
    toggle('around', words.neighbours, words.neighboursHelp),
    toggle('denied', words.denied, words.deniedHelp),
    element(
      'button',
      { id: 'close', click: () => actions.closeAll(!state.closed) },
      state.closed ? words.openAll : words.closeAll,
    ),
    toggle('list', words.list, words.listHelp),
    button('zoom-in', '+', words.zoomIn, () => actions.zoom(1.25)),
    button('zoom-out', '\u2212', words.zoomOut, () => actions.zoom(0.8)),
    element('button', { id: 'fit', click: actions.fit }, words.fit),
    element('button', { id: 'save', click: actions.save }, words.save),
  ];
}

/** What lines and borders mean, and which keys there are. */
export function legend(words: MapWords): HTMLElement {
  const line = (kind: string) => drawn('path', { d: 'M1 6H33', class: kind });
  const rows: readonly (readonly [SVGElement, string])[] = [
    [line(''), words.legendAllowed],
    [line('wide'), words.legendEvery],
    [line('dashed'), words.legendOneSided],
    [line('dotted'), words.legendDenied],
    [drawn('rect', { x: '3', y: '1.5', width: '28', height: '9', rx: '3' }), words.legendHere],
  ];
  const box = element('div', { class: 'legend' });
  for (const [shape, text] of rows) {
    const svg = drawn('svg', { viewBox: '0 0 34 12', 'aria-hidden': 'true' });
    svg.append(shape);
    box.append(svg, element('span', {}, text));
  }
  return element('div', {}, box, element('p', {}, words.help));
}

function drawn(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

import { closed, toClose } from './closed.js';
import { drawing } from './drawing.js';
import type { Edge } from './edge.js';
import { laidOut, type Shape } from './layout.js';
import { mapPicture } from './map-picture.js';
import type { Picture } from './picture.js';
import { aloneStyle } from './style.js';

/** The connections, and other ends that have none, as a drawing that stands alone: `drawn`. */
export function svg(edges: readonly Edge[], others: readonly string[] = []): string {
  const picture = mapPicture(edges, others);
  const names = toClose(picture);
  const arrows = picture.arrows.length;
  const note = `${names.size === 1 ? 'One namespace is' : `${names.size} namespaces are`} drawn closed, since ${arrows} arrows could not be followed. Draw fewer workloads to see inside.`;
  return drawn(closed(picture, names), names.size === 0 ? undefined : note);
}

/** A picture as an SVG with its own colours, for a file. The same picture gives the same text. */
export function drawn(picture: Picture, note?: string, shape?: Shape): string {
  return drawing(laidOut(picture, shape), { style: aloneStyle, note, title: 'What may connect to what' });
}

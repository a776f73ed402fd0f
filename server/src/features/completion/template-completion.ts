import type { CompletionItem } from 'vscode-languageserver-types';
import type { Netpol } from '../../service.js';
import { layers, renderTemplate } from '../../templates/index.js';
import type { Offer } from '../../templates/offer.js';
import type { SourceFile } from '../../text/file.js';
import { eolOf } from '../../text/style.js';
import type { TypingPlace } from '../../text/typing-place.js';
import { offersAt } from '../actions/code-actions.js';
import { toLspRange } from '../places.js';
import { beside, type CompletionSupport } from './completion-text.js';

/** The standard policies for a document that is still empty, filled in for the place as the code action does it. */
export function templateCompletions(
  netpol: Netpol,
  file: SourceFile,
  place: TypingPlace,
  support: CompletionSupport,
): readonly CompletionItem[] {
  const range = toLspRange(file, place.word);
  const eol = eolOf(file.text);
  const endsLine = /^[ \t]*[\r\n]/.test(file.text.slice(place.word.end));
  const offers = offersAt(netpol, file.uri, place.word.start, 'anywhere');
  return offers.map((offer, i): CompletionItem => {
    const { template, values, present } = offer;
    const text = renderTemplate(template, values, { eol });
    const detail = present ? `${template.id} (the namespace has one already)` : template.id;
    return {
      label: template.title,
      kind: snippet,
      textEdit: { range, newText: endsLine ? text.slice(0, -eol.length) : text },
      insertTextMode: asIs,
      filterText: `${template.title} ${template.id}`,
      ...beside(detail, support),
      documentation: {
        kind: 'markdown',
        value: `${template.description}\n\n\`\`\`yaml\n${text.replaceAll('\r', '')}\`\`\``,
      },
      sortText: `${rank(offer)}${String(i).padStart(3, '0')}`,
    };
  });
}

/** The layers that are still missing, then the others, then what is there. */
function rank({ template, present }: Offer): string {
  return present ? 'c' : layers.includes(template.id) ? 'a' : 'b';
}

// Numbers of the protocol: `CompletionItemKind` and `InsertTextMode`.
const snippet = 15;
const asIs = 1;

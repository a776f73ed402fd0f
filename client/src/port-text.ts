import type { PortQuestion } from './protocol.js';

/**
 * The ports that a person has typed: `8080`, `http`, `UDP 53`, `53/udp`, `TCP` for all of a protocol. Undefined for a text
 * that is none of these. Whether there is such a port is the server's to say.
 */
export function portQuestion(text: string): PortQuestion | undefined {
  const words = text.trim().split(/[\s/:]+/);
  const [first = '', second] = words;
  if (words.length > 2 || first === '') return undefined;
  if (second === undefined) return protocolOf(first) ?? portOf(first);
  const protocol = protocolOf(first) ?? protocolOf(second);
  const port = portOf(protocolOf(first) === undefined ? first : second);
  return protocol === undefined || port === undefined ? undefined : { ...protocol, ...port };
}

function protocolOf(word: string): PortQuestion | undefined {
  const upper = word.toUpperCase();
  return upper === 'TCP' || upper === 'UDP' || upper === 'SCTP' ? { protocol: upper } : undefined;
}

function portOf(word: string): PortQuestion | undefined {
  if (/^\d+$/.test(word)) return { port: Number(word) };
  return /^[a-z0-9][a-z0-9-]*$/i.test(word) ? { port: word } : undefined;
}

/** An address or a block of addresses, as far as the writing goes: nothing else in a list is called so. */
export function looksLikeAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/.test(text) || /^[0-9a-f]*:[0-9a-f:.]*(\/\d{1,3})?$/i.test(text);
}

import { isUtf8 } from 'node:buffer';
import { escapedByte } from '../workspace/broken-bytes.js';

/** How the text of a file is written: as its byte order mark says, else in UTF-8. */
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * Text as kubectl decodes it: UTF-16 where a byte order mark says so, as PowerShell writes it, else UTF-8. The mark stays
 * in the text, and bytes that are no UTF-8 stand in it as `workspace/broken-bytes.ts` has it, so that nothing is lost.
 */
export function decoded(bytes: Buffer): string {
  switch (encodingOf(bytes)) {
    case 'utf-16le':
      return bytes.toString('utf16le');
    case 'utf-16be':
      return swapped(bytes).toString('utf16le');
    case 'utf-8':
      return isUtf8(bytes) ? bytes.toString('utf8') : withEscapes(bytes);
  }
}

/** Text in the encoding of these bytes; undefined where something of the bytes themselves could not be written again. */
export function encodedAs(bytes: Buffer, text: string): Buffer | undefined {
  const encoding = encodingOf(bytes);
  return encode(encoding, decoded(bytes)).equals(bytes) ? encode(encoding, text) : undefined;
}

function encodingOf(bytes: Buffer): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function encode(encoding: Encoding, text: string): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return swapped(Buffer.from(text, 'utf16le'));
  const parts = text.split(/([\uDC80-\uDCFF]+)/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? Buffer.from(part) : Buffer.from([...part].map((unit) => unit.charCodeAt(0) & 0xff)),
    ),
  );
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}

function withEscapes(bytes: Buffer): string {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(bytes.toString('utf8', start, at), escapedByte(bytes[at] ?? 0));
    start = ++at;
  }
  parts.push(bytes.toString('utf8', start));
  return parts.join('');
}

/** The length of the character that is well written here; 0 where none is. */
function sequenceAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length > 0 && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

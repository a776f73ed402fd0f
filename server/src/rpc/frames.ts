/** A header that is longer is none. */
const longestHeader = 8192;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message as it stands on a stream. Source: LSP 3.17, "Base protocol". */
export function frameOf(message: object): Uint8Array {
  const body = encoder.encode(JSON.stringify(message));
  const header = encoder.encode(`Content-Length: ${body.length}\r\n\r\n`);
  const frame = new Uint8Array(header.length + body.length);
  frame.set(header);
  frame.set(body, header.length);
  return frame;
}

/** Cuts a stream into messages. Invariant: what is kept is the beginning of a header, or of the body that `#awaited` tells. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** The length of the body that comes next; undefined before its header has been read. */
  #awaited: number | undefined;

  /** The texts of the messages that end in this chunk; an error for each header that is none. */
  *read(chunk: Uint8Array): Generator<string | Error> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // A long body comes in many chunks: they are joined when it is whole, not each time.
    while (this.#awaited === undefined ? this.#size > 0 : this.#size >= this.#awaited) {
      const buffer = this.#join();
      if (this.#awaited !== undefined) {
        yield decoder.decode(buffer.subarray(0, this.#awaited));
        this.#keep(buffer.subarray(this.#awaited));
        this.#awaited = undefined;
        continue;
      }
      const end = endOfHeader(buffer);
      if (end === undefined) {
        if (buffer.length <= longestHeader) return;
        this.#keep(buffer.subarray(buffer.length));
        yield new Error('The input holds no message: there is no end of a header in it.');
        return;
      }
      const header = decoder.decode(buffer.subarray(0, end));
      this.#keep(buffer.subarray(end));
      const length = /^content-length:[ \t]*(\d{1,15})[ \t]*$/im.exec(header)?.[1];
      if (length === undefined)
        yield new Error(`A message has no Content-Length. Its header is ${JSON.stringify(header)}.`);
      else this.#awaited = Number(length);
    }
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const buffer = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      buffer.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [buffer];
    return buffer;
  }

  #keep(rest: Uint8Array): void {
    this.#chunks = [rest];
    this.#size = rest.length;
  }
}

/** Behind the empty line. */
function endOfHeader(buffer: Uint8Array): number | undefined {
  for (let i = buffer.indexOf(10, 3); i !== -1; i = buffer.indexOf(10, i + 1)) {
    if (buffer[i - 1] === 13 && buffer[i - 2] === 10 && buffer[i - 3] === 13) return i + 1;
  }
  return undefined;
}

/** Says how far long work is, on a line of its own that goes when the work is done. */
export interface Progress {
  say(text: string): void;
  done(): void;
}

/** For a pipe, and for whoever wants no news. */
export const silence: Progress = { say() {}, done() {} };

/**
 * On a terminal: from half a second on, and at most ten times a second; quick work says nothing.
 * Standard error, so that it never mixes with an answer.
 */
export function progressOn(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  now: () => number = Date.now,
): Progress {
  if (stream.isTTY !== true) return silence;
  let next: number | undefined;
  let shown = false;
  return {
    say(text) {
      next ??= now() + 500;
      if (now() < next) return;
      next = now() + 100;
      shown = true;
      stream.write(`\r\u001b[2K${text}`);
    },
    done() {
      if (shown) stream.write('\r\u001b[2K');
      next = undefined;
      shown = false;
    },
  };
}

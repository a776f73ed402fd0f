/**
 * What the fuzzer does to a server, as data: a run can be written down, played again in another folder, and cut down to
 * what matters. URIs begin with `rootUri`, in the place of the folder of the run.
 */
export type Step =
  | {
      readonly do: 'send';
      readonly message: Message;
      /** A handler may refuse it; the server must not fall, and nothing else may suffer. */
      readonly malformed?: true;
    }
  /** The body of a message that is none. */
  | { readonly do: 'body'; readonly text: string }
  /** A file of the workspace, or none any more. */
  | { readonly do: 'write'; readonly path: string; readonly text: string | undefined }
  /** What the client answers from now on when it is asked for the settings. */
  | { readonly do: 'configure'; readonly settings: unknown }
  /** Waits until every request has its answer. */
  | { readonly do: 'wait' };

export interface Message {
  readonly jsonrpc?: '2.0';
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

export const rootUri = 'file:///@root@';

/** What a run found wrong. `kind` and `about` stay the same when the run is made shorter. */
export interface Failure {
  readonly kind:
    | 'server ended'
    | 'no answer'
    | 'two answers'
    | 'slow answer'
    | 'request failed'
    | 'notification failed'
    | 'rule failed'
    | 'other answer'
    | 'memory';
  readonly about: string;
  readonly detail: string;
}

export class FuzzFailure extends Error {
  constructor(readonly failure: Failure) {
    super(`${failure.kind}: ${failure.about}\n${failure.detail}`);
  }
}

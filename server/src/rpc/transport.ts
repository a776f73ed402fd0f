/** What a transport reads. */
export interface TransportEvents {
  /** A message as its JSON says; whether it is one is for the reader to see. */
  message(message: unknown): void;
  /** Something could not be read or written. What comes after it is read all the same. */
  error(error: Error): void;
  /** The other end is gone. */
  close(): void;
}

/** Carries messages, in both directions and in order. */
export interface Transport {
  /** Begins to read. Called once. */
  listen(events: TransportEvents): void;
  /** Rejects when the message could not be written. */
  send(message: object): Promise<void>;
  /** Runs a task after what has arrived meanwhile was read, so that a request can be cancelled before its turn comes. */
  later(task: () => void): void;
}

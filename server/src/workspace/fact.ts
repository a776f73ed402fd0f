/** What is read while a question is answered, and how often the facts have changed. */
export class Reads {
  #current: Set<Fact<unknown>> | undefined;
  #isTracking = false;
  /** Grows with every change of a fact. */
  clock = 0;

  /** From now on it is noted what is read; before, an answer counts as read from everything, which costs nothing. */
  track(): void {
    this.#isTracking = true;
  }

  note(fact: Fact<unknown>): void {
    this.#current?.add(fact);
  }

  /** Runs a question; gives the facts that it read, each once; undefined where that is not tracked. */
  during<T>(question: () => T): { readonly answer: T; readonly facts: readonly Fact<unknown>[] | undefined } {
    if (!this.#isTracking) return { answer: question(), facts: undefined };
    const outer = this.#current;
    const facts = new Set<Fact<unknown>>();
    this.#current = facts;
    try {
      return { answer: question(), facts: [...facts] };
    } finally {
      this.#current = outer;
      if (outer !== undefined) for (const fact of facts) outer.add(fact);
    }
  }
}

/** A value whose readers are noted. Invariant: the value itself is never changed, only replaced. */
export class Fact<T> {
  readonly #reads: Reads;
  #value: T;
  #changed: number;

  constructor(reads: Reads, value: T) {
    this.#reads = reads;
    this.#value = value;
    this.#changed = reads.clock;
  }

  get(): T {
    this.#reads.note(this);
    return this.#value;
  }

  /** The value, for who keeps the facts: nothing is noted. */
  peek(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    this.#changed = ++this.#reads.clock;
  }

  changedSince(clock: number): boolean {
    return this.#changed > clock;
  }
}

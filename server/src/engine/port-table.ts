import { allPorts, intersect, noPorts, type PortSet, subtract, union } from '../model/ports.js';

/** Stands for a set of ports in a table: equal sets have equal numbers. */
export type PortId = number;

/**
 * Sets of ports as numbers, with each operation on two sets worked out once. A cluster has few different sets, and asks
 * for the same unions and intersections for every pair of its pods. Names are kept as the operations on sets keep them.
 */
export class PortTable {
  readonly #sets: PortSet[] = [];
  readonly #ids = new Map<string, PortId>();
  readonly #bySet = new WeakMap<PortSet, PortId>();
  readonly #unions = new Map<number, PortId>();
  readonly #intersections = new Map<number, PortId>();
  readonly #differences = new Map<number, PortId>();
  readonly none = this.idOf(noPorts);
  readonly all = this.idOf(allPorts);

  idOf(set: PortSet): PortId {
    const known = this.#bySet.get(set);
    if (known !== undefined) return known;
    const key = keyOf(set);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#sets.length;
      this.#sets.push(set);
      this.#ids.set(key, id);
    }
    this.#bySet.set(set, id);
    return id;
  }

  setOf(id: PortId): PortSet {
    return this.#sets[id] ?? noPorts;
  }

  union(a: PortId, b: PortId): PortId {
    if (a === b || b === this.none || a === this.all) return a;
    if (a === this.none || b === this.all) return b;
    return this.#remembered(this.#unions, a, b, union);
  }

  intersect(a: PortId, b: PortId): PortId {
    if (a === b || b === this.all || a === this.none) return a;
    if (a === this.all || b === this.none) return b;
    return this.#remembered(this.#intersections, a, b, intersect);
  }

  /** What is in `a` and not in `b`. */
  subtract(a: PortId, b: PortId): PortId {
    if (a === b || a === this.none || b === this.all) return this.none;
    if (b === this.none) return a;
    return this.#remembered(this.#differences, a, b, subtract);
  }

  #remembered(memory: Map<number, PortId>, a: PortId, b: PortId, operation: (a: PortSet, b: PortSet) => PortSet) {
    const key = a * 0x4000000 + b;
    const known = memory.get(key);
    if (known !== undefined) return known;
    const id = this.idOf(operation(this.setOf(a), this.setOf(b)));
    memory.set(key, id);
    return id;
  }
}

/** Equal for equal sets: each protocol has one list of intervals, in one order of protocols. */
function keyOf({ byProtocol, named }: PortSet): string {
  const names = named.map(({ protocol, name }) => `${protocol} ${name}`).sort();
  const numbers = [...byProtocol]
    .map(([protocol, ranges]) => `${protocol} ${ranges.map(({ first, last }) => `${first}-${last}`).join()}`)
    .sort();
  return [...numbers, '', ...names].join(';');
}

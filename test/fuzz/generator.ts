import type { Corpus } from './corpus.js';
import { drawJunk, malformedNotifications, withJunk } from './junk.js';
import { type Change, changed, type OpenText } from './mirror.js';
import type { Random } from './random.js';
import { drawRange, draws, positionAt, type Subject } from './requests.js';
import { type Message, rootUri, type Step } from './steps.js';

/** A text that grows further is replaced, so that the run does not become one about size. */
const longestText = 12_000;

const methods = Object.keys(draws);

/** What is typed, and what has broken parsers of YAML before. */
const typed: readonly string[] = [
  ...' -:#|>&*!%@`"\'{}[],?\n\t\0~<=',
  ...[
    '\r',
    '\r\n',
    '\n\n',
    '---\n',
    '...\n',
    '\n---\n',
    '  ',
    '- ',
    ': ',
    '{{ .Values.x }}',
    '{{',
    '}}',
    '{{- end }}\n',
  ],
  ...['&a ', '*a', '<<: *a\n', '!!str ', '|\n', '>-\n', '"\\ud800"', '\ud800', '\udc00', '\ufeff', '\ufffd', '𝔘', 'é'],
  ...[
    '{}',
    '[]',
    'null',
    '0x10',
    '1e9',
    '.inf',
    '-1',
    'yes',
    '2001-01-01',
    '${x}',
    '$(x)',
    '<<<<<<< HEAD\n',
    '=======\n',
  ],
  ...['kind: ', 'apiVersion: ', 'metadata:\n  name: x\n', 'kind: List\nitems:\n', 'spec:\n', 'podSelector: {}\n'],
  ...[
    'matchLabels:\n',
    'ingress:\n',
    '- from:\n',
    '- to:\n',
    'ports:\n',
    'cidr: 10.0.0.0/8\n',
    'except: [',
    'endPort: 1\n',
  ],
  ...[
    "selector: a == 'b' && !has(c)\n",
    'all()',
    'toFQDNs:\n',
    'order: 1\n',
    'tier: x\n',
    'patches:\n',
    'resources:\n',
  ],
  ...['# netpol-disable-next-line\n', '# netpol-disable\n', 'toString', '__proto__: x\n', 'constructor: {}\n'],
];

const names: readonly string[] = [
  ...['fuzz/a.yaml', 'fuzz/b.yaml', 'fuzz/c.json', '.netpol.yaml', 'fuzz/.netpol.yaml', 'kustomization.yaml'],
  ...['overlay/kustomization.yaml', 'overlay/patch.yaml', 'chart/Chart.yaml', 'chart/values.yaml'],
  ...['chart/templates/a.yaml', 'fuzz.netpol-test.yaml', 'fuzz/new.yml'],
];

const settingsDrawn: readonly unknown[] = [
  ...[null, undefined, 5, 'x', [], {}, { cni: 'calico' }, { cni: 'cilium' }, { cni: 'x' }, { cni: { name: 5 } }],
  ...[{ rules: { 'missing-default-deny': 'off', x: 5 } }, { rules: [] }, { rules: { 'invalid-port': 'hint' } }],
  ...[
    { exclude: ['overlay'] },
    { exclude: 'x' },
    { exclude: ['!', '[', '\\', ''] },
    { include: [5] },
    { __proto__: 1 },
  ],
  ...[{ helm: { values: [5] } }, { helm: 1 }, { scopes: [{ name: 'a', paths: ['fuzz'] }] }, { scopes: [null] }],
  ...[{ clusterDomain: 5, dns: 7 }, { inlayHints: 'x' }, { codeLens: { changes: 1 } }, { namespaces: { x: {} } }],
];

export interface GeneratorOptions {
  /** Of one round, which ends when every request has its answer. */
  readonly steps?: number;
}

/** Draws what a client, its user and its disk do next. Knows every text as the client has it. */
export class Generator {
  readonly open = new Map<string, OpenText>();
  /** The changes of texts that were drawn. */
  edits = 0;
  #id = 0;
  readonly #ids: (number | string)[] = [];
  readonly #answers = new Map<string, unknown>();
  readonly #paths: string[];
  readonly #word: () => string;

  constructor(
    private readonly random: Random,
    private readonly corpus: Corpus,
    private readonly files: Readonly<Record<string, string>>,
  ) {
    this.#paths = [...Object.keys(files), ...names];
    const words = [
      ...new Set(
        Object.values(files)
          .join('\n')
          .match(/[\w./-]{2,30}/g) ?? ['x'],
      ),
    ];
    this.#word = () => (random.chance(0.9) ? random.pick(words) : random.pick(typed));
  }

  /** The beginning of a session: some of it too early. */
  start(initialize: object): Step[] {
    const { random } = this;
    const early = random.chance(0.5) ? [this.#request(), this.#notification('textDocument/didOpen', {})] : [];
    const first = this.#send({ method: 'initialize', params: initialize });
    const wait: Step = { do: 'wait' };
    const begun: Step = { do: 'send', message: { jsonrpc: '2.0', method: 'initialized', params: {} } };
    return [
      ...early.map((step): Step => (step.do === 'send' ? { ...step, malformed: true } : step)),
      first,
      wait,
      begun,
    ];
  }

  /** Some steps; answers of those before are in what is drawn. */
  round(): Step[] {
    const { random } = this;
    const flood = random.chance(0.01);
    const size = flood ? 1000 : 20 + random.below(60);
    const steps: Step[] = [];
    this.#ids.length = 0;
    while (steps.length < size) steps.push(...this.#next(flood));
    return [...steps, { do: 'wait' }];
  }

  /** What a request was answered: later ones follow it. */
  answered(method: string, answer: unknown): void {
    if (answer !== null) this.#answers.set(method, answer);
  }

  end(): Step[] {
    const shutdown = this.#send({ method: 'shutdown' });
    const late = this.#request();
    return [shutdown, late.do === 'send' ? { ...late, malformed: true } : late, { do: 'wait' }];
  }

  #next(flood: boolean): Step[] {
    const { random } = this;
    const drawn = random.next();
    if (drawn < (flood ? 0.5 : 0.66)) return this.#edit();
    if (drawn < 0.9) return [this.#request()];
    if (drawn < 0.92) return this.#cancel();
    if (drawn < 0.94) return [this.#malformedRequest()];
    if (drawn < 0.95)
      return [{ do: 'send', ...random.pick(malformedNotifications)(random, this.#uri()), malformed: true }];
    if (drawn < 0.96) return [this.#noise()];
    if (drawn < 0.97) return this.#close();
    if (drawn < 0.985) return this.#disk();
    if (drawn < 0.988) return this.#configure();
    return this.#openOne();
  }

  #edit(): Step[] {
    const { random } = this;
    if (this.open.size === 0 || (this.open.size < 3 && random.chance(0.1))) return this.#openOne();
    const uri = random.pick([...this.open.keys()]);
    const known = this.open.get(uri);
    if (known === undefined) return [];
    const changes: Change[] = [];
    let { text } = known;
    for (let more = random.chance(0.1) ? 3 : 1; more > 0; more--) {
      const change = this.#change(text);
      text = changed(text, [change]);
      changes.push(change);
      this.edits++;
    }
    const version = random.chance(0.95)
      ? (known.version ?? 0) + 1
      : random.pick([0, -1, 2 ** 31 - 1, 1, known.version ?? 0]);
    this.open.set(uri, { text, version });
    return [this.#notification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: changes })];
  }

  #change(text: string): Change {
    const { random } = this;
    if (text.length > longestText || random.chance(0.04)) return { text: this.#text() };
    const at = random.below(text.length + 1);
    const range = (from: number, to: number) => ({ start: positionAt(text, from), end: positionAt(text, to) });
    const near = (length: number) => Math.min(text.length, at + random.below(length));
    switch (random.below(12)) {
      case 0:
        return { range: range(at, near(400)), text: '' };
      case 1: {
        // The lines of other people, in the place of some of these.
        const piece = random.pick(this.corpus.pieces);
        const from = random.below(piece.length);
        return { range: range(at, near(200)), text: piece.slice(from, from + random.below(500)) };
      }
      case 2: {
        const from = random.below(text.length);
        return { range: range(at, at), text: text.slice(from, from + random.below(400)) };
      }
      case 3:
        return random.chance(0.3)
          ? { range: range(at, text.length), text: '' }
          : { range: range(at, near(20)), text: '' };
      case 4:
        return { range: drawRange(random, text), text: random.pick(typed) };
      case 5: {
        const line = text.lastIndexOf('\n', at - 1) + 1;
        return { range: range(line, line), text: ' '.repeat(random.below(4)) };
      }
      case 6:
        return { range: range(at, near(10)), text: this.#word() };
      default:
        return { range: range(at, near(random.chance(0.5) ? 1 : 4)), text: random.pick(typed) };
    }
  }

  /** A text to begin with. */
  #text(): string {
    const { random } = this;
    const own = Object.values(this.files);
    const text = random.chance(0.6) && own.length > 0 ? random.pick(own) : random.pick(this.corpus.pieces);
    if (random.chance(0.05)) return text.replaceAll('\n', '\r\n');
    if (random.chance(0.03)) return `\ufeff${text}`;
    return random.chance(0.1) ? text.slice(0, random.below(text.length)) : text;
  }

  #openOne(): Step[] {
    const { random } = this;
    const path = random.pick(this.#paths);
    const uri = random.chance(0.95)
      ? `${rootUri}/${path}`
      : random.pick(['untitled:Untitled-1', 'file:///nowhere/x.yaml']);
    const text = random.chance(0.5) ? (this.files[path] ?? this.#text()) : this.#text();
    const version = random.pick([1, 1, 1, 0, 7]);
    this.open.set(uri, { text, version });
    return [this.#notification('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version, text } })];
  }

  #close(): Step[] {
    const uri = this.#uri();
    this.open.delete(uri);
    return [this.#notification('textDocument/didClose', { textDocument: { uri } })];
  }

  #disk(): Step[] {
    const { random } = this;
    const path = random.pick(this.#paths);
    const uri = `${rootUri}/${path}`;
    if (random.chance(0.2)) {
      const strange = random.pick([
        `${rootUri}/gone.yaml`,
        rootUri,
        'x',
        'file:///%zz',
        `${rootUri}/.git/HEAD`,
        'http://x/y',
      ]);
      return [this.#watched([{ uri: strange, type: random.pick([1, 2, 3]) }])];
    }
    const text = random.chance(0.3) ? undefined : this.#text();
    const event = { uri, type: text === undefined ? 3 : random.pick([1, 2]) };
    return [{ do: 'write', path, text }, this.#watched([event])];
  }

  #watched(changes: readonly object[]): Step {
    return this.#notification('workspace/didChangeWatchedFiles', { changes });
  }

  #configure(): Step[] {
    const settings = this.random.chance(0.8) ? this.random.pick(settingsDrawn) : drawJunk(this.random);
    return [
      { do: 'configure', settings: settings ?? null },
      this.#notification('workspace/didChangeConfiguration', { settings: null }),
    ];
  }

  #uri(): string {
    const { random } = this;
    const open = [...this.open.keys()];
    if (open.length > 0 && random.chance(0.8)) return random.pick(open);
    return `${rootUri}/${random.pick(this.#paths)}`;
  }

  #request(): Step {
    const { random } = this;
    // Asked by editors after each key, the others when a person does something.
    const method = random.chance(0.25) ? 'textDocument/diagnostic' : random.pick(methods);
    return this.#send({ method, params: draws[method]?.(random, this.#subject()) });
  }

  #subject(): Subject {
    const uri = this.#uri();
    const text = this.open.get(uri)?.text ?? this.files[uri.slice(rootUri.length + 1)] ?? '';
    return { uri, text, word: this.#word, answered: (method) => this.#answers.get(method) };
  }

  #malformedRequest(): Step {
    const { random } = this;
    if (random.chance(0.2))
      return { ...this.#send({ method: random.pick(['x', '', '$/x', 'netpol/x', '__proto__']) }), malformed: true };
    const method = random.pick(methods);
    const params = withJunk(random, draws[method]?.(random, this.#subject()));
    return { ...this.#send({ method, ...(params === undefined ? {} : { params }) }), malformed: true };
  }

  /** What is no message, or is for nobody. */
  #noise(): Step {
    const { random } = this;
    return random.pick<() => Step>([
      () => ({
        do: 'body',
        text: random.pick(['', '{', 'null', '[]', '"x"', '5', '{"jsonrpc":', '\ufffd', '[1,2', '{}']),
      }),
      () => ({ do: 'send', message: { jsonrpc: '2.0', id: random.pick([-5, 10 ** 9, 'x']), result: null } }),
      () =>
        this.#notification(random.pick(['x', '$/setTrace', 'textDocument/didSave', 'window/workDoneProgress/cancel']), {
          token: 1,
          value: 'off',
          textDocument: { uri: 'x' },
        }),
      () => ({ ...this.#send({ method: 'initialize', params: {} }), malformed: true }),
    ])();
  }

  #cancel(): Step[] {
    const { random } = this;
    const id = this.#ids.length > 0 && random.chance(0.9) ? random.pick(this.#ids) : random.pick([-1, 'x', null, {}]);
    return [this.#notification('$/cancelRequest', { id })];
  }

  #notification(method: string, params: unknown): Step {
    return { do: 'send', message: { jsonrpc: '2.0', method, params } };
  }

  #send(message: Message): Step & { readonly do: 'send' } {
    const id = this.random.chance(0.05) ? `id ${this.#id++}` : this.#id++;
    this.#ids.push(id);
    return { do: 'send', message: { jsonrpc: '2.0', id, ...message } };
  }
}

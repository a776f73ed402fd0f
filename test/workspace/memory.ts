import type { FileContent, FileProvider } from '#server/workspace/files.js';

export const root = 'file:///w';

/** Files in memory, by their path below `root`. Readings wait while they are held, so that a test can order them. */
export class Memory implements FileProvider {
  readonly texts = new Map<string, string>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #holding = new Set<string>();
  /** How often each file was read. */
  readonly reads = new Map<string, number>();

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.texts.set(uriOf(path), text);
  }

  async list(folder: string): Promise<readonly string[]> {
    const uris = [...this.texts.keys()].filter((uri) => uri.startsWith(`${folder}/`));
    await this.#released(`${folder}/`);
    return uris;
  }

  /** Answers what the file held when it was asked for, as a slow disk would. */
  async read(uri: string): Promise<FileContent> {
    const text = this.texts.get(uri);
    this.reads.set(uri, (this.reads.get(uri) ?? 0) + 1);
    await this.#released(uri);
    return text === undefined ? { error: 'there is no such file' } : { text };
  }

  async #released(uri: string): Promise<void> {
    if (!this.#holding.has(uri)) return;
    await new Promise<void>((resolve) => this.#held.set(uri, [...(this.#held.get(uri) ?? []), resolve]));
  }

  /** From now on readings of this file wait for `release`; listings, where the path is empty. */
  hold(path: string): void {
    this.#holding.add(uriOf(path));
  }

  /** Lets the nth waiting reading end; the first when it is not said. */
  release(path: string, nth = 0): void {
    const [resolve] = this.#held.get(uriOf(path))?.splice(nth, 1) ?? [];
    if (resolve === undefined) throw new Error(`no reading of "${path}" is waiting`);
    resolve();
  }

  write(path: string, text: string): void {
    this.texts.set(uriOf(path), text);
  }
}

export function uriOf(path: string): string {
  return `${root}/${path}`;
}

export function policy(name: string, options: { namespace?: string; app?: string } = {}): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
${options.namespace === undefined ? '' : `  namespace: ${options.namespace}\n`}spec:
  podSelector: {${options.app === undefined ? '' : `matchLabels: {app: ${options.app}}`}}
  policyTypes: [Ingress]
`;
}

export function pod(name: string, options: { namespace?: string } = {}): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
${options.namespace === undefined ? '' : `  namespace: ${options.namespace}\n`}  labels: {app: ${name}}
spec:
  containers: [{name: c, image: c}]
`;
}

// Runs named cases inside the extension host. Each result is one console line, which the harness reads.

declare const __EXTENSION_HOST__: 'node' | 'web';

/** Which extension host runs the suite: Node's (desktop, remote) or the browser's worker. */
export const extensionHost = __EXTENSION_HOST__;

export interface EditorCase {
  readonly name: string;
  /** Milliseconds the case may take; 20 seconds when it does not say. */
  readonly limit?: number;
  /** Hosts to run it in; both when it does not say. */
  readonly hosts?: readonly ('node' | 'web')[];
  run(): Promise<void>;
}

/** Reports every case and throws at the end when one failed, or when there was none: silence is not success. */
export async function runCases(cases: readonly EditorCase[]): Promise<void> {
  const ours = cases.filter((one) => one.hosts === undefined || one.hosts.includes(extensionHost));
  console.log(`1..${ours.length}`);
  const failed: string[] = [];
  for (const one of ours) {
    console.log(`# ${one.name}`);
    try {
      await withLimit(one);
      console.log(`ok ${one.name}`);
    } catch (error) {
      failed.push(one.name);
      console.log(`not ok ${one.name}: ${describe(error)}`);
    }
  }
  if (ours.length === 0) throw new Error('the suite has no case for this editor');
  if (failed.length > 0) throw new Error(`${failed.length} failed: ${failed.join(', ')}`);
}

async function withLimit(one: EditorCase): Promise<void> {
  const limit = one.limit ?? 20_000;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limit} ms`)), limit);
  });
  try {
    await Promise.race([one.run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.message, ...frames.slice(0, 3)].join('\n');
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { minimised } from './minimise.js';
import { replay, type SessionResult } from './session.js';

const output = fileURLToPath(new URL('../../../test-output/fuzz/', import.meta.url));

/** Writes down what has failed, as short as can be, and says how to see it again. */
export async function keep({ failure, recording }: SessionResult, slow: number): Promise<string> {
  if (failure === undefined) return 'Nothing has failed.';
  mkdirSync(output, { recursive: true });
  const path = `${output}seed-${recording.seed}.json`;
  writeFileSync(path, JSON.stringify(recording));
  const found = `With seed ${recording.seed}: ${failure.message}`;
  const again = await replay(recording, { slow });
  if (again?.failure.kind !== failure.failure.kind || again.failure.about !== failure.failure.about) {
    return `${found}\nThe same ${recording.steps.length} steps did not show it again; they are in ${path}`;
  }
  const short = await minimised(recording, failure, { slow });
  writeFileSync(path, JSON.stringify(short, undefined, 1));
  const [few, all] = [short, recording].map(({ steps }) => steps.filter((step) => step.do !== 'wait').length);
  return `${found}\n${few} of ${all} steps show it: npm run fuzz -- --replay ${path}`;
}

import type { ServerOptions } from './driven-server.js';
import { type Recording, replay } from './session.js';
import type { FuzzFailure, Step } from './steps.js';

/**
 * The steps that a failure needs: parts are left out, from halves down to single steps, for as long as the rest shows the
 * same kind of failure about the same thing. `most` is the number of runs that this may take.
 */
export async function minimised(
  recording: Recording,
  failure: FuzzFailure,
  options: ServerOptions,
  most = 80,
): Promise<Recording> {
  const head = recording.steps.filter(isBeginning);
  let rest = recording.steps.filter((step) => !isBeginning(step));
  let runs = 0;
  const shows = async (steps: readonly Step[]) => {
    runs++;
    const end = failure.failure.kind === 'other answer' ? 'compared' : 'not compared';
    const found = await replay({ ...recording, steps: [...head, ...steps, { do: 'wait' }] }, options, end);
    return found?.failure.kind === failure.failure.kind && found.failure.about === failure.failure.about;
  };
  for (let size = Math.ceil(rest.length / 2); rest.length > 0 && runs < most; size = Math.ceil(size / 2)) {
    // From the end: what came last needs what came before it, seldom the other way.
    for (let end = rest.length; end > 0 && runs < most; end -= size) {
      const without = [...rest.slice(0, Math.max(0, end - size)), ...rest.slice(end)];
      if (await shows(without)) rest = without;
    }
    if (size === 1) break;
  }
  return { ...recording, steps: [...head, ...rest, { do: 'wait' }] };
}

function isBeginning(step: Step): boolean {
  return step.do === 'send' && step.malformed !== true && /^initialized?$/.test(step.message.method ?? '');
}

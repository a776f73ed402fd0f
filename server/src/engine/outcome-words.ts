import type { Expectation } from '../model/expectation.js';
import { isAll, printPorts } from '../model/ports.js';
import { count, list } from '../model/print.js';
import { endWords } from './connection-words.js';
import { decisionsOf } from './decisions.js';
import type { Failure, Outcome } from './expectations.js';

/** "shop/web to shop/api on TCP 80": the ports that are not as expected. */
export function failureWords({ from, to, ports, parts }: Failure): string {
  const wrong = parts.map((part) => (isAll(part.ports) ? 'every port' : printPorts(part.ports)));
  const on = list([...new Set(wrong)], 3) || printPorts(ports);
  return `${endWords(from)} to ${endWords(to)} on ${on}`;
}

/** What is not as expected, in a sentence: which connections, and what decides the first. */
export function outcomeSentence({ expect }: Expectation, { verdict, pairs, failing, failures }: Outcome): string {
  const [first] = failures;
  if (first === undefined) return '';
  const is = verdict === 'failed' ? (expect === 'allowed' ? 'denied' : 'allowed') : `not surely ${expect}`;
  const names = failures.map(failureWords);
  const who =
    failing === 1 && pairs === 1
      ? `${names[0]} is ${is}`
      : `${failing} of ${count(pairs, 'connection')} ${failing === 1 ? 'is' : 'are'} ${is}: ${names.join('; ')}${failing > names.length ? '; ...' : ''}`;
  const [part] = first.parts;
  const why = part === undefined ? [] : decisionsOf(part).map(({ words }) => words);
  const reason =
    why.length === 0 ? '' : `${pairs === 1 ? ': ' : '. Of the first: '}${[...new Set(why)].slice(0, 3).join('; ')}`;
  return `${who}${reason}.`;
}

/** What a plain scalar means to Kubernetes, whose reader (sigs.k8s.io/yaml over go-yaml v2) follows YAML 1.1 with exceptions. */
export type ScalarValue = string | number | boolean | null;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

const LONGEST_WORD = 'false'.length;

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITY = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/**
 * The value of a plain (unquoted) scalar, as go-yaml v2's `resolve.go` has it. Timestamps stay strings, because the
 * conversion to JSON keeps their text. Integers over 2^53 lose digits, as every JSON number in JavaScript does.
 */
export function resolvePlain(text: string): ScalarValue {
  const word = text.length > LONGEST_WORD ? undefined : WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
  return numeric ? (numberOf(text) ?? text) : text;
}

/** The value of a scalar with an explicit tag, or undefined when the tag does not decide it (unknown tags are ignored). */
export function resolveTagged(tag: string, text: string): ScalarValue | undefined {
  const name = tag.replace(/^!<(.*)>$/, '$1').replace(/^(?:!!|tag:yaml\.org,2002:)/, '');
  switch (name) {
    case '!':
    case 'str':
      return text;
    case 'int':
    case 'float':
      return numberOf(text) ?? text;
    case 'bool': {
      const word = WORDS.get(text);
      return typeof word === 'boolean' ? word : text;
    }
    case 'null':
      return WORDS.get(text) === null ? null : text;
    default:
      return undefined;
  }
}

/** True when a plain scalar with this text would not be read as this very string. */
export function readsAsOther(text: string): boolean {
  return typeof resolvePlain(text) !== 'string';
}

function numberOf(text: string): number | undefined {
  return integerOf(text.replace(/_/g, '')) ?? floatOf(text);
}

/** As Go's `strconv.ParseInt(text, 0, 64)`: a leading 0 is octal, 0o, 0x and 0b name their base. */
function integerOf(text: string): number | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text);
  const digits = match?.[2];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]+$/.test(digits);
  const size = octal ? Number(`0o${digits.slice(1)}`) : Number(digits);
  return match?.[1] === '-' && size !== 0 ? -size : size;
}

function floatOf(text: string): number | undefined {
  const plain = text.replace(/_/g, '');
  if (FLOAT.test(plain)) return Number(plain);
  const infinite = INFINITY.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}

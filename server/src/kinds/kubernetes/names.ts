/**
 * Name and label syntax of Kubernetes. Each function answers what is wrong in words that complete "… is refused: ",
 * or undefined when the text is fine. Sources: apimachinery pkg/api/validate/content and pkg/util/validation.
 */
const labelPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** IsDNS1123Subdomain: object names. */
export function subdomainProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > 253) return `it has ${text.length} characters, 253 are allowed`;
  if (!dnsSubdomain.test(text)) {
    return 'only lower-case letters, digits, "-" and "." are allowed, and each part must begin and end with a letter or digit';
  }
  return undefined;
}

/** IsDNS1123Label: namespace names. */
export function dnsLabelProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > 63) return `it has ${text.length} characters, 63 are allowed`;
  if (!dnsLabel.test(text)) {
    return 'only lower-case letters, digits and "-" are allowed, and it must begin and end with a letter or digit';
  }
  return undefined;
}

/** IsLabelKey: an optional DNS prefix and "/", then a name of up to 63 characters. */
export function labelKeyProblem(key: string): string | undefined {
  // Most keys are a name alone.
  if (key.length <= 63 && labelPart.test(key)) return undefined;
  const parts = key.split('/');
  if (parts.length > 2) return 'it may hold only one "/"';
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = subdomainProblem(parts[0] ?? '');
    if (prefix !== undefined) return `in the prefix before "/": ${prefix}`;
  }
  if (name === '') return parts.length === 2 ? 'there is no name behind "/"' : 'it is empty';
  if (name.length > 63) return `the name has ${name.length} characters, 63 are allowed`;
  if (!labelPart.test(name)) {
    return 'only letters, digits, "-", "_" and "." are allowed, and it must begin and end with a letter or digit';
  }
  return undefined;
}

/** IsLabelValue: up to 63 characters, may be empty. */
export function labelValueProblem(text: string): string | undefined {
  if (text === '') return undefined;
  if (text.length > 63) return `it has ${text.length} characters, 63 are allowed`;
  if (!labelPart.test(text)) {
    return 'only letters, digits, "-", "_" and "." are allowed, and it must begin and end with a letter or digit';
  }
  return undefined;
}

/** IsValidPortName (IANA_SVC_NAME). */
export function portNameProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > 15) return `it has ${text.length} characters, 15 are allowed`;
  if (!/^[-a-z0-9]+$/.test(text)) return 'only lower-case letters, digits and "-" are allowed';
  if (!/[a-z]/.test(text)) return 'it needs at least one letter';
  if (text.includes('--')) return '"--" is not allowed';
  if (text.startsWith('-') || text.endsWith('-')) return 'it must not begin or end with "-"';
  return undefined;
}

import assert from 'node:assert/strict';
import { kindOf } from '#server/kinds/index.js';
import { type ClusterProfile, defaultProfile } from '#server/model/profile.js';
import { renderTemplate, type TemplateValues, templateNamed } from '#server/templates/index.js';
import { documentOf } from '#server/text/document.js';
import { isMap } from '#server/text/tree.js';

export function valuesOf(over: Partial<TemplateValues> = {}): TemplateValues {
  return { namespace: 'production', podLabels: undefined, profile: defaultProfile, given: {}, ...over };
}

export function profileWith(over: Partial<ClusterProfile>): ClusterProfile {
  return { ...defaultProfile, ...over };
}

/** A template's text for these values. */
export function rendered(id: string, over: Partial<TemplateValues> = {}): string {
  const template = templateNamed(id);
  assert.ok(template !== undefined, id);
  return renderTemplate(template, valuesOf(over));
}

/** Fails unless the text is one document that the API server would accept as a policy or what policies refer to, also by its strictest rules. */
export function assertValid(text: string, what: string): void {
  const document = documentOf('file:///policy.yaml', text);
  assert.deepEqual(document.problems, [], what);
  assert.ok(isMap(document.root), what);
  const kind = kindOf(document.root);
  assert.match(String(kind?.kind), /NetworkPolicy$|^Tier$|NetworkSet$|^CiliumCIDRGroup$/, what);
  const problems = kind?.check?.(document.root, { kubernetesVersion: [1, 36] }) ?? [];
  assert.deepEqual(
    problems.map(({ rule, path, message }) => `${rule} at ${path.join('.')}: ${message}`),
    [],
    `${what}:\n${text}`,
  );
}

/** What a person has after pressing Tab through a snippet without changing anything. */
export function accepted(body: readonly string[]): string {
  const defaults = new Map<string, string>();
  const text = `${body.join('\n')}\n`;
  const filled = text.replace(/\\([\\$}])|\$\{(\d+)(?::((?:[^\\}]|\\.)*))?\}/g, (_, escaped, number, value) => {
    if (escaped !== undefined) return escaped;
    if (value !== undefined) defaults.set(number, value.replace(/\\(.)/g, '$1'));
    const known = defaults.get(number);
    assert.ok(known !== undefined, `tab stop ${number} is used before it is defined`);
    return known;
  });
  assert.doesNotMatch(filled, /tabstop/);
  return filled;
}

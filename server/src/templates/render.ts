import { type RenderOptions, renderYaml } from '../text/edits.js';
import type { Template, TemplateValues } from './template.js';

/** The policy as a YAML document: its comments, then the object in block style, with a line break at the end. */
export function renderTemplate(template: Template, values: TemplateValues, options: RenderOptions = {}): string {
  const eol = options.eol ?? '\n';
  return template.comments.map((line) => `# ${line}${eol}`).join('') + renderYaml(template.build(values), options);
}

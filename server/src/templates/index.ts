export {
  type BaselineFile,
  baselineFiles,
  isNamespaceName,
  kustomizationName,
  leftOut,
  otherKustomizationNames,
} from './baseline.js';
export { layers, templateNamed, templates } from './catalogue.js';
export { type Fragment, type FragmentPlace, fragments } from './fragments.js';
export { faultOf } from './parameters.js';
export { dnsPeer, dnsRule, nodeLocalDnsPeer, nodeLocalDnsRule, nodeRule, peerOf } from './peers.js';
export { nameParameter } from './policy.js';
export { renderTemplate } from './render.js';
export { type Snippet, snippetFile, toSnippet } from './snippet.js';
export type { Template, TemplateParameter, TemplateValues } from './template.js';

import { namespaceNameKey } from '../../model/pod-facts.js';
import { labelledKind } from './labelled.js';

/** Namespaces carry the labels that namespaceSelector chooses by; the API server adds kubernetes.io/metadata.name. */
export const namespaceKind = labelledKind(
  'Namespace',
  'A namespace. namespaceSelector chooses by its labels; kubernetes.io/metadata.name is always there.',
  ({ name, labels, openLabels, at }) => ({
    type: 'namespace',
    // Set and enforced by the API server since 1.22 (KEP-2161).
    value: { name, labels: new Map([...labels, [namespaceNameKey, name]]), openLabels, at },
  }),
);

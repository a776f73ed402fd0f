import { labelledKind } from './labelled.js';

/** Nodes carry the labels that `nodes` peers of cluster-wide policies choose by. */
export const nodeKind = labelledKind(
  'Node',
  'A machine of the cluster. The nodes peers of cluster-wide policies choose by its labels.',
  ({ name, labels, openLabels, at }) => ({ type: 'node', value: { name, labels, openLabels, at } }),
);

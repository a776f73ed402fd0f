import { labelledKind } from './labelled.js';

/** Service accounts carry the labels that Calico's selectors of service accounts choose by. */
export const serviceAccountKind = labelledKind(
  'ServiceAccount',
  'The identity of pods. Calico’s serviceAccountSelector and serviceAccounts.selector choose by its labels.',
  (value) => ({ type: 'serviceAccount', value }),
);

/** The folders of test/ whose tests stay in memory: no processes, no other programs. */
export const inMemory = [
  'text',
  'model',
  'kinds',
  'workspace',
  'engine',
  'rules',
  'convert',
  'templates',
  'reference',
  'corpus',
];

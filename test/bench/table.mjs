// The rows of the bench as a table, for a terminal and as Markdown.

const columns = [
  ['what', ({ title }) => title],
  ['budget', ({ budget }) => budget],
  ['netpol, median / p99', ({ ours }) => ours],
  ['at a stretch', ({ atOnce = '' }) => atOnce],
  ['memory', ({ memory = '' }) => memory],
  ['yaml-language-server', ({ theirs }) => theirs],
  ['memory', ({ theirMemory = '' }) => theirMemory],
  ['holds', ({ holds }) => (holds === undefined ? '' : holds ? 'yes' : 'NO')],
];

export function textTable(rows) {
  return padded(cells(rows))
    .map((line) => line.join('  ').trimEnd())
    .join('\n');
}

/** Lines of cells, each as wide as the widest of its column. */
export function padded(lines) {
  const widths = lines[0].map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines.map((line) => line.map((cell, index) => cell.padEnd(widths[index])));
}

export function markdownTable(rows) {
  const [head, ...body] = cells(rows).map((line) => `| ${line.join(' | ')} |`);
  return [head, `|${columns.map(() => '---').join('|')}|`, ...body].join('\n');
}

function cells(rows) {
  return [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, text]) => text(row)))];
}

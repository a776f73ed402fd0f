import { estimated, groupedByFile } from './sample.mjs';

/** Prints the survivors, and the share of killed mutants of each folder. */
export function report(results, wanted) {
  const all = groupedByFile(wanted);
  const run = groupedByFile(results);
  const rows = [...all].map(([file, list]) => {
    const tried = run.get(file) ?? [];
    return { file, all: list.length, run: tried.length, killed: tried.filter(({ killed }) => killed).length };
  });
  for (const [file, list] of run) {
    const survivors = list.filter(({ killed }) => !killed);
    if (survivors.length > 0) console.log(`\n${file}: ${survivors.length} of ${list.length} survive`);
    for (const { at, kind, before, after, tests, left } of survivors) {
      const ran = tests === 0 ? 'no test comes here' : `${tests} tests${left > 0 ? `, ${left} not run` : ''}`;
      console.log(`  ${at} ${kind}: ${before}  ->  ${after}  (${ran})`);
    }
  }
  console.log('\nfolder       mutants      run   killed   share');
  for (const folder of new Set(rows.map(({ file }) => file.split('/')[0])))
    line(
      folder,
      rows.filter(({ file }) => file.startsWith(`${folder}/`)),
    );
  line('all', rows);

  function line(name, list) {
    const sum = (key) => list.reduce((total, each) => total + each[key], 0);
    const { share, half } = estimated(list.filter(({ run: tried }) => tried > 0));
    const interval =
      half > 0
        ? `, ${percent(Math.max(0, share - half))} to ${percent(Math.min(1, share + half))} with 95 % certainty`
        : '';
    const cells = [sum('all'), sum('run'), sum('killed')].map((number) => String(number).padStart(9));
    console.log(`${name.padEnd(11)}${cells.join('')}   ${percent(share)}${interval}`);
  }
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

// Counts the cases of one editor and prints each as it comes.

export function newReport(editor) {
  let passed = 0;
  let failed = 0;
  let planned;
  let heard = 0;
  let current = 'the start';
  let begun = Date.now();
  let again = 0;
  const fail = (line) => {
    failed += 1;
    console.log(`[${editor}] not ok ${line}`);
  };
  return {
    /** One line of the suite's own report, or anything else that the page said: the latter is left alone. */
    hear(line) {
      const plan = /^1\.\.(\d+)$/.exec(line);
      if (plan) {
        planned = Number(plan[1]);
      } else if (line.startsWith('# ')) {
        current = line.slice('# '.length);
      } else if (line.startsWith('ok ')) {
        heard += 1;
        passed += 1;
        console.log(`[${editor}] ${line}`);
      } else if (line.startsWith('not ok ')) {
        heard += 1;
        fail(line.slice('not ok '.length));
      }
    },
    begin(name) {
      current = name;
      begun = Date.now();
    },
    /** The case that runs now, for who waits too long. */
    get current() {
      return current;
    },
    pass(name) {
      passed += 1;
      console.log(`[${editor}] ok ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    },
    /** The case counts by how its second try ends. */
    tryAgain(name, error) {
      again += 1;
      console.log(`[${editor}] tried again: ${name}: ${error.message}`);
      begun = Date.now();
    },
    fail(name, error) {
      fail(`${name}: ${error instanceof Error ? error.message : error}`);
    },
    /** Throws when the suite as a whole went wrong: an exit code of 0 must not pass when reports are missing. */
    suiteEnded(code) {
      if (planned === undefined) throw new Error(`the suite ended with code ${code} and reported nothing`);
      if (planned === 0) throw new Error('the suite has no case for this editor');
      if (heard < planned) throw new Error(`the suite planned ${planned} cases and reported ${heard}`);
      if (code !== 0 && failed === 0) throw new Error(`every case passed, but the suite ended with code ${code}`);
    },
    get ok() {
      return failed === 0 && passed > 0;
    },
    summary(started) {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      const tries = again === 0 ? '' : `${again} tried again, `;
      return `editor ${editor}: ${passed} passed, ${failed} failed (${tries}${seconds} s)`;
    },
  };
}

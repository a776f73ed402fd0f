// Required into a measured process: writes the most memory it held, in bytes, to file descriptor 3 when it ends, and says
// over its channel, where it has one, what it has computed and how long it was busy at a stretch.
process.on('exit', () => {
  try {
    require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS * 1024));
  } catch {
    // Nobody listens any more: the bench itself has failed, and says why.
  }
});

const cpuNow = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let looking;
let block = 0;
let last;

/** What has passed since the last look, or been computed, whichever is less: other programs' turns do not count. */
function look() {
  const now = { passed: performance.now(), cpu: cpuNow() };
  block = Math.max(block, Math.min(now.passed - last.passed, now.cpu - last.cpu));
  last = now;
}

if (process.send !== undefined) {
  process.on('message', (what) => {
    if (what === 'begin') {
      block = 0;
      last = { passed: performance.now(), cpu: cpuNow() };
      looking = setInterval(look, 1);
    } else if (what === 'end') {
      look();
      clearInterval(looking);
    }
    process.send({ cpu: cpuNow(), block });
  });
  process.channel.unref();
}

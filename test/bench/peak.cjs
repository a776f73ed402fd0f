// Required into a measured process: writes the most memory it held, in bytes, to file descriptor 3 when it ends.
process.on('exit', () => {
  try {
    require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS * 1024));
  } catch {
    // Nobody listens any more: the bench itself has failed, and says why.
  }
});

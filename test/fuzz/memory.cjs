// Required into the server that is fuzzed: answers each message of its parent with the heap in use, after a collection.
process.on('message', () => {
  global.gc();
  process.send(process.memoryUsage().heapUsed);
});
process.channel.unref();

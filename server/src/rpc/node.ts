import { createConnection, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { FrameReader, frameOf } from './frames.js';
import type { Transport, TransportEvents } from './transport.js';

/** Over two streams, such as standard input and output. */
export function streamTransport(input: Readable, output: Writable): Transport {
  return {
    listen(events) {
      readFrames(input, events);
      input.on('end', events.close);
      input.on('close', events.close);
      input.on('error', events.error);
      output.on('error', events.error);
      output.on('close', events.close);
    },
    send: (message) => write(output, message),
    later: setImmediate,
  };
}

/** Over a socket or a named pipe on which the client listens. */
export function socketTransport(address: { readonly port: number } | { readonly path: string }): Transport {
  const socket: Socket = createConnection('port' in address ? { ...address, host: '127.0.0.1' } : address);
  return streamTransport(socket, socket);
}

/** Over the channel that `fork()` opens. */
export function processTransport(): Transport {
  return {
    listen(events) {
      process.on('message', events.message);
      process.on('disconnect', events.close);
      process.on('error', events.error);
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        if (process.send === undefined || !process.connected) reject(new Error('The channel is closed.'));
        else process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
      }),
    later: setImmediate,
  };
}

function readFrames(input: Readable, events: TransportEvents): void {
  const frames = new FrameReader();
  input.on('data', (chunk: Uint8Array) => {
    for (const text of frames.read(chunk)) {
      if (typeof text !== 'string') events.error(text);
      else parse(text, events);
    }
  });
}

function parse(text: string, events: TransportEvents): void {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    events.error(new Error(`A message is no JSON: ${error instanceof Error ? error.message : String(error)}`));
    return;
  }
  events.message(message);
}

function write(output: Writable, message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(frameOf(message), (error) => (error == null ? resolve() : reject(error)));
  });
}

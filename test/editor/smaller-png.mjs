// A screenshot in fewer bytes: the browser writes PNGs in a hurry.
import { deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const most = 256;

/** The picture with a palette: colours that are nearly the same, as those of letters' edges, become one. */
export function smallerPng(png) {
  const { width, height, channels, data } = pixelsOf(png);
  const colours = new Uint32Array(width * height);
  const counts = new Map();
  for (let i = 0; i < colours.length; i += 1) {
    const at = i * channels;
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    colours[i] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf([...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)));
  const indexOf = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  // Neighbours in a palette say nothing about each other: no row is filtered.
  const rows = Buffer.alloc((width + 1) * height);
  for (let i = 0; i < colours.length; i += 1) {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = indexOf.get(colours[i]);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    signature,
    chunkOf('IHDR', header),
    chunkOf('PLTE', Buffer.from(palette.flatMap(channelsOf))),
    chunkOf('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}

/** So few colours that none is far from one of them: a colour that is rare, as that of a squiggle, is kept as well. */
function paletteOf(colours) {
  for (let near = 4; ; near *= 1.5) {
    const chosen = [];
    for (const colour of colours) {
      if (chosen.every((each) => distance(each, colour) > near)) chosen.push(colour);
      if (chosen.length > most) break;
    }
    if (chosen.length <= most) return chosen;
  }
}

function nearest(palette, colour) {
  let best = 0;
  for (const [index, each] of palette.entries()) {
    if (distance(each, colour) < distance(palette[best], colour)) best = index;
  }
  return best;
}

function distance(one, other) {
  const [a, b] = [channelsOf(one), channelsOf(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function channelsOf(colour) {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

/** 8 bits for each channel, as the browser writes them; anything else is refused. */
function pixelsOf(png) {
  const parts = [];
  let header;
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const channels = { 2: 3, 6: 4 }[header[9]];
  if (header[8] !== 8 || channels === undefined || header[12] !== 0)
    throw new Error('not a PNG as browsers write them');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const stride = width * channels;
  const rows = inflateSync(Buffer.concat(parts));
  const data = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const kind = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const here = y * stride + x;
      const left = x < channels ? 0 : data[here - channels];
      const up = y === 0 ? 0 : data[here - stride];
      const corner = x < channels || y === 0 ? 0 : data[here - stride - channels];
      data[here] = rows[y * (stride + 1) + 1 + x] + guess(kind, left, up, corner);
    }
  }
  return { width, height, channels, data };
}

/** What a filter takes a byte to be, from those before it. */
function guess(kind, left, up, corner) {
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  if (kind !== 4) return 0;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunkOf(type, body) {
  const chunk = Buffer.alloc(body.length + 12);
  chunk.writeUInt32BE(body.length, 0);
  chunk.write(type, 4, 'latin1');
  body.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length);
  return chunk;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// Draws the icons that phones put on their home screens: the gate of icon.svg as PNG, which iOS and
// older Androids want. Squares of the picture are sampled 4 x 4 and mixed, so that edges are smooth.
import { deflateSync } from "node:zlib";

const GROUND = [0x14, 0x53, 0x2d];
const FIELD = 24;
const STROKE = 1.8 / 2;
// icon.svg's line, in its own units; a maskable icon may lose a fifth at its rim, and this does not.
const LINES = [
  [[5, 19], [5, 9], [12, 6], [19, 9], [19, 19]],
  [[5, 12], [19, 12]],
  [[10, 19], [10, 15], [14, 15], [14, 19]],
].flatMap((points) => points.slice(1).map((to, at) => [points[at], to]));
const SAMPLES = 4;

/** Returns the icon as a PNG of `side` pixels. */
export function icon(side) {
  const rows = Buffer.alloc(side * (side * 3 + 1));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const white = covered(x, y, side);
      const at = y * (side * 3 + 1) + 1 + x * 3;
      GROUND.forEach((tone, channel) => {
        rows[at + channel] = Math.round(tone + (255 - tone) * white);
      });
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function covered(x, y, side) {
  let hits = 0;
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
    const px = ((x + ((sample % SAMPLES) + 0.5) / SAMPLES) / side) * FIELD;
    const py = ((y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / side) * FIELD;
    hits += LINES.some((line) => distance(px, py, line) <= STROKE) ? 1 : 0;
  }
  return hits / (SAMPLES * SAMPLES);
}

function distance(x, y, [[ax, ay], [bx, by]]) {
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(content.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
  }
  return (value ^ 0xffffffff) >>> 0;
}

// The code of a rotating pass, made on the phone with no network (docs/pass.md).
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode } from "uqr";

export const STEP = 15_000;
/** Milliseconds for which one code is good. */

const PREFIX = "KH1:";
const TAG_BYTES = 8;
// RFC 9285.
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The number of the step that a time in milliseconds since 1970 lies in. */
export function stepOf(now: number): number {
  return Math.floor(now / STEP);
}

/** The whole text of a pass in one step: the server's part, and the tag that `inner` makes of it. */
export function tokenAt(untagged: string, inner: Uint8Array, step: number): string {
  const count = new DataView(new ArrayBuffer(8));
  count.setUint32(0, Math.floor(step / 2 ** 32));
  count.setUint32(4, step % 2 ** 32);
  const tag = hmac(sha256, inner, new Uint8Array(count.buffer)).subarray(0, TAG_BYTES);
  return PREFIX + base45([...bytesOf(untagged.slice(PREFIX.length)), ...tag]);
}

/** A text as the `d` of an SVG path: one unit a module, error correction M, no border. */
export function pathOf(text: string): string {
  const { data } = encode(text, { ecc: "M", boostEcc: false, border: 0 });
  return data
    .map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
    .join("");
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function bytesOf(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const group = [...text.slice(at, at + 3)].map((letter) => LETTERS.indexOf(letter));
    const value = group.reduceRight((sum, digit) => sum * 45 + digit, 0);
    bytes.push(...(group.length === 3 ? [value >> 8, value & 255] : [value]));
  }
  return bytes;
}

function base45(bytes: number[]): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = bytes.slice(at, at + 2);
    let value = pair.reduce((sum, byte) => sum * 256 + byte, 0);
    for (let digits = pair.length + 1; digits > 0; digits -= 1) {
      text += LETTERS.charAt(value % 45);
      value = Math.floor(value / 45);
    }
  }
  return text;
}

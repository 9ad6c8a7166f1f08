// Seals a photo so that only the gate of one compound can open it (docs/centre.md): HPKE, one shot,
// DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the encapsulated key, then the ciphertext.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";

export interface Address {
  /** The compound, 8 hex digits. */
  compound: string;
  /** The resident whose face it is. */
  person: string;
  /** The gate's key: an uncompressed point of P-256 in hex. */
  key: string;
}

/** Whether this browser can seal at all: it cannot where the page came without https. */
export function canSeal(): boolean {
  return typeof crypto === "object" && typeof crypto.subtle === "object" && typeof TextEncoder === "function";
}

/** Returns a new id for a photo: 32 hex digits. */
export function newPhotoId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** Returns the photo sealed, as base64. */
export async function seal(photo: ArrayBuffer, photoId: string, to: Address): Promise<string> {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(to.key));
  const info = new TextEncoder().encode(`kuahu photo 1\0${to.compound}\0${photoId}\0${to.person}`);
  const { ct, enc } = await suite.seal({ recipientPublicKey, info }, photo);
  const whole = new Uint8Array(enc.byteLength + ct.byteLength);
  whole.set(new Uint8Array(enc));
  whole.set(new Uint8Array(ct), enc.byteLength);
  return base64(whole);
}

function hex(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text: string): ArrayBuffer {
  const raw = new Uint8Array(text.length / 2);
  for (let at = 0; at < raw.length; at++) {
    raw[at] = parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return raw.buffer;
}

function base64(raw: Uint8Array): string {
  let text = "";
  const piece = 0x8000;
  for (let at = 0; at < raw.length; at += piece) {
    text += String.fromCharCode(...raw.subarray(at, at + piece));
  }
  return btoa(text);
}

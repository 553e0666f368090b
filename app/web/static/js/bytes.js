// Bytes, hex, base64 and hashing for the evidence this browser signs.
// It must never accept two spellings of one value: base64 is padded and standard, hex is lower case.

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function toBase64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export async function sha256Hex(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

export const randomHex = (size) => toHex(crypto.getRandomValues(new Uint8Array(size)));

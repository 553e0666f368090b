// This browser as an enrolled device: makes an Ed25519 key pair whose private half cannot be exported
// and names it the way crypto/keys.py does. It must never send or show the private key.
import { concat, sha256Hex, toBase64, utf8 } from "./bytes.js";
import * as store from "./store.js";

export const supported = () => Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB);

export async function keyIdOf(rawPublicKey) {
  return (await sha256Hex(concat(utf8("kt1/key/v1\n"), rawPublicKey))).slice(0, 16);
}

export async function makeKey(user) {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { user, keyId: await keyIdOf(raw), publicKey: toBase64(raw), privateKey: pair.privateKey };
}

// Proves to the server that this browser holds the private half, for this log and this person only.
export async function prove(key, origin) {
  const statement = utf8(`kt1/enrol/v1\n${origin}\n${key.user}\n${key.publicKey}\n`);
  return toBase64(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key.privateKey, statement)));
}

export const find = (user) => store.findKey(user);

// Stored before the server hears of it: a key the server trusts but nobody can use would be a dead
// device, while a stored key the server does not know is simply replaced by the next attempt.
export async function remember(record) {
  await store.saveKey(record);
  if (navigator.storage?.persist) await navigator.storage.persist();
}

// Reads a checkpoint as the C2SP pages say and verifies its lines with @noble/curves and @noble/post-quantum.
//
//     node checkpoint.mjs < {"note": "...", "vkeys": ["..."]}
//
// Written from signed-note v1.0.0, tlog-checkpoint v1.0.0 and tlog-cosignature v1.1.0-rc.1 alone; it knows nothing of
// crypto/ or audit/. Answers {"origin", "size", "root", "lines": [{"name", "type", "time", "holds"}]}; lines of keys that
// were not given are left out, as the specification asks.
import { ed25519 } from "@noble/curves/ed25519";
import { sha256 } from "@noble/hashes/sha2";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa";
import { readFileSync } from "node:fs";

const ED25519 = 0x01, COSIGNATURE = 0x04, SUBTREE = 0x06;
const utf8 = (text) => new TextEncoder().encode(text);
const joined = (...parts) => Uint8Array.from(Buffer.concat(parts));

function fromBase64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Error(`not base64: ${text}`);
  return Uint8Array.from(bytes);
}

function uint64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function short(text) {
  const bytes = utf8(text);
  return joined(Uint8Array.of(bytes.length), bytes);
}

function readVerifierKey(vkey) {
  const [, name, id, rest] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const key = fromBase64(rest);
  const hashed = sha256(joined(utf8(`${name}\n`), key)).slice(0, 4);
  if (Buffer.from(hashed).toString("hex") !== id) throw new Error(`the key ID of ${name} does not follow`);
  return { name, id, type: key[0], raw: key.slice(1) };
}

function verify(key, signature, note) {
  if (key.type === ED25519) return [null, ed25519.verify(signature, utf8(note.text), key.raw)];
  const time = Buffer.from(signature.slice(0, 8)).readBigUInt64BE();
  const rest = signature.slice(8);
  if (key.type === COSIGNATURE) {
    return [time, ed25519.verify(rest, utf8(`cosignature/v1\ntime ${time}\n${note.text}`), key.raw)];
  }
  if (key.type !== SUBTREE) throw new Error(`unknown type ${key.type}`);
  const message = joined(utf8("subtree/v1\n\0"), short(key.name), uint64(time), short(note.origin), uint64(0),
    uint64(note.size), note.root);
  return [time, ml_dsa44.verify(key.raw, message, rest)];
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const end = asked.note.lastIndexOf("\n\n");
const text = asked.note.slice(0, end + 1);
const [origin, size, root] = text.split("\n");
const note = { text, origin, size, root: fromBase64(root) };
const keys = asked.vkeys.map(readVerifierKey);
const lines = [];
for (const line of asked.note.slice(end + 2).trimEnd().split("\n")) {
  const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line);
  const bytes = fromBase64(encoded);
  const id = Buffer.from(bytes.slice(0, 4)).toString("hex");
  const key = keys.find((known) => known.name === name && known.id === id);
  if (!key) continue;
  const [time, holds] = verify(key, bytes.slice(4), note);
  lines.push({ name, type: key.type, time: time === null ? null : Number(time), holds });
}
process.stdout.write(JSON.stringify({ origin, size: Number(size), root, lines }) + "\n");

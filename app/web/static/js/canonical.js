// The restricted canonical JSON of crypto/canonical.py, byte for byte: sorted ASCII keys, no spaces,
// UTF-8, integers only, NFC text. What is signed here is what the server stores, so anything this
// encoder is unsure about is refused instead of guessed.
import { utf8 } from "./bytes.js";

export class NotCanonical extends Error {}

function text(value) {
  if (!value.isWellFormed()) throw new NotCanonical("text holds a lone surrogate");
  if (value.normalize("NFC") !== value) throw new NotCanonical("text is not NFC");
  return JSON.stringify(value);
}

function number(value) {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new NotCanonical("only safe integers");
  return String(value);
}

function object(value) {
  const keys = Object.keys(value).sort();
  for (const key of keys) {
    if (!/^[\x20-\x7e]*$/.test(key)) throw new NotCanonical("keys are printable ASCII");
  }
  return "{" + keys.map((key) => JSON.stringify(key) + ":" + encodeText(value[key])).join(",") + "}";
}

export function encodeText(value) {
  if (value === null) return "null";
  if (value === true || value === false) return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return "[" + Array.from(value, (item) => encodeText(item)).join(",") + "]";
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) return object(value);
  throw new NotCanonical("unsupported type " + typeof value);
}

export const encode = (value) => utf8(encodeText(value));

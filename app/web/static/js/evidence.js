// What a scan says (audit/evidence.py) and how it is signed (DSSE). It must never send anything that
// the signature does not cover: the payload bytes made here are the bytes the log keeps.
import { concat, randomHex, toBase64, utf8 } from "./bytes.js";
import { encode, encodeText } from "./canonical.js";
import { signedCheck } from "./scan_check.js";

export const PAYLOAD_TYPE = "application/vnd.kt1.evidence.v1+json";
export const MAX_LINES = 200;

export const newNonce = () => randomHex(16);

function common(kind, who) {
  return {
    format: "kt1/evidence/1",
    log: who.log,
    kind,
    scan: who.scan ?? crypto.randomUUID(),
    at: new Date().toISOString(),
    device: who.device,
    actor: who.actor,
    place: who.place,
    seq: who.seq,
    nonce: who.nonce,
  };
}

const plainLines = (lines) => lines.map(({ raw, entry }) => ({ code: raw, entry }));

export function offer(who, { purpose, toUnit, toUser, lines }) {
  return { ...common("offer", who), purpose, to: { unit: toUnit, user: toUser }, lines: plainLines(lines) };
}

// `witness` is left out where nobody stands by: then the statement is what it was before there were witnesses.
// `giver` ({unit, user}) is who hands in at the counter: then no offer came before.
export function take(who, { lines, witness = null, giver = null }) {
  const answered = lines.map((line) => ({
    code: line.raw, entry: line.entry, verdict: line.verdict, reason: line.verdict === "refuse" ? line.reason : "",
    seal: line.seal || "", ...signedCheck(line),
  }));
  return { ...common("take", who), lines: answered, ...(witness === null ? {} : { witness }), ...(giver === null ? {} : { from: giver }) };
}

export function recall(who, { lines }) {
  return { ...common("recall", who), lines: plainLines(lines) };
}

export function attempt(who, { reason, action, lines }) {
  return { ...common("attempt", who), reason, action, lines: plainLines(lines) };
}

// Something done to one thing: the form of its facts is that of its kind (audit/acts.py).
export function act(who, { kind, subject, entry, witness = null, facts = {}, lines = [] }) {
  const said = lines.map(({ raw, entry: read, mark = "" }) => ({ code: raw, entry: read, mark }));
  return { ...common(kind, who), subject, entry, witness, facts, lines: said };
}

// DSSE v1 pre-authentication encoding.
export function preAuthentication(type, payload) {
  const typeBytes = utf8(type);
  return concat(utf8(`DSSEv1 ${typeBytes.length} `), typeBytes, utf8(` ${payload.length} `), payload);
}

export async function seal(evidence, { keyId, privateKey }) {
  const payload = encode(evidence);
  const message = preAuthentication(PAYLOAD_TYPE, payload);
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, privateKey, message));
  return {
    payload: toBase64(payload),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: keyId, sig: toBase64(signature) }],
  };
}

export const envelopeText = (envelope) => encodeText(envelope);

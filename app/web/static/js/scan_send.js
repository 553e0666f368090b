// Signs a list and keeps it for sending. It must never sign twice what one person meant once, and never give
// a signed list back before it is stored.
import * as evidence from "./evidence.js";
import { needsWitness, unitOf } from "./scan_rules.js";
import * as store from "./store.js";

const BUILD = {
  offer: (who, session, lines) => evidence.offer(who, {
    purpose: session.purpose,
    toUnit: unitOf(session),
    toUser: session.purpose === "transfer" ? session.toUser : null,
    lines,
  }),
  take: (who, session, lines, witness) => evidence.take(who, { lines, witness }),
  recall: (who, session, lines) => evidence.recall(who, { lines }),
  attempt: (who, session, lines) => evidence.attempt(who, { reason: session.reason, action: session.action, lines }),
};

// Where a line is said to be read: at the place of its offer, or where the person says they stand.
export function placeOf(session, desk, nonce) {
  if (session.mode === "offer" || session.mode === "attempt") return session.place;
  const offers = session.mode === "take" ? desk.incoming : desk.outgoing;
  return offers.find((offer) => offer.nonce === nonce)?.place.code ?? desk.me.unit_code;
}

// One evidence per nonce: a recall may touch several offers, everything else has exactly one.
function groups(session, lines, desk) {
  if (session.mode === "offer" || session.mode === "attempt") {
    return [{ nonce: evidence.newNonce(), place: session.place, lines }];
  }
  const byNonce = new Map();
  for (const line of lines) {
    const nonce = line.nonce || evidence.newNonce();
    const place = placeOf(session, desk, nonce);
    if (!byNonce.has(nonce)) byNonce.set(nonce, { nonce, place, lines: [] });
    byNonce.get(nonce).lines.push(line);
  }
  return [...byNonce.values()];
}

// Lets a second person confirm where a line needs one, before anything is signed: the name of the scan, which
// their confirmation is bound to, and who they are. undefined where nobody is needed, null where nobody came.
export async function attest(session, lines, desk, witnesses) {
  if (session.mode !== "take" || !needsWitness(lines, desk)) return undefined;
  const scan = crypto.randomUUID();
  const found = await witnesses.ask({ scan, nonce: lines[0].nonce });
  return found && { scan, witness: found.witness };
}

// Durable before anything is shown as done: a power cut after this line loses no handover. `attested` is the
// name of the one scan that a second person confirmed, and who that was.
export async function sign(session, lines, desk, { key, log, attested = null }) {
  const signed = [];
  for (const group of groups(session, lines, desk)) {
    const seq = await store.nextSequence(key.keyId);
    const who = { log, device: key.keyId, actor: desk.me.user, place: group.place, seq, nonce: group.nonce, scan: attested?.scan };
    const said = BUILD[session.mode](who, session, group.lines, attested?.witness ?? null);
    const record = {
      scan: said.scan, user: desk.me.user, at: said.at, size: group.lines.length,
      envelope: await evidence.seal(said, key),
    };
    await store.queue(record);
    signed.push(record);
  }
  return signed;
}

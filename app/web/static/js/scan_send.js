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
  handin: (who, session, lines, witness, giver) => evidence.take(who, { lines, witness, giver: { unit: session.fromUnit, user: giver } }),
  recall: (who, session, lines) => evidence.recall(who, { lines }),
  attempt: (who, session, lines) => evidence.attempt(who, { reason: session.reason, action: session.action, lines }),
};

// Nothing was offered before: one list, one fresh nonce, where the person says they stand.
const STANDING = new Set(["offer", "attempt", "handin"]);

// Where a line is said to be read: at the place of its offer, or where the person says they stand.
export function placeOf(session, desk, nonce) {
  if (STANDING.has(session.mode)) return session.place;
  const offers = session.mode === "take" ? desk.incoming : desk.outgoing;
  return offers.find((offer) => offer.nonce === nonce)?.place.code ?? desk.me.unit_code;
}

// One evidence per nonce: a recall may touch several offers, everything else has exactly one.
function groups(session, lines, desk, nonce) {
  if (STANDING.has(session.mode)) return [{ nonce: nonce ?? evidence.newNonce(), place: session.place, lines }];
  const byNonce = new Map();
  for (const line of lines) {
    const nonce = line.nonce || evidence.newNonce();
    const place = placeOf(session, desk, nonce);
    if (!byNonce.has(nonce)) byNonce.set(nonce, { nonce, place, lines: [] });
    byNonce.get(nonce).lines.push(line);
  }
  return [...byNonce.values()];
}

// Lets others confirm before anything is signed: whoever hands in, and the second person where a line needs
// one. The names of scan and nonce, which their confirmations are bound to, and who they are; undefined where
// nobody is needed, null where somebody did not come.
export async function attest(session, lines, desk, { witnesses, givers }) {
  if (session.mode === "handin") return agree(session, lines, desk, { witnesses, givers });
  if (session.mode !== "take" || !needsWitness(lines, desk)) return undefined;
  const scan = crypto.randomUUID();
  const found = await witnesses.ask({ scan, nonce: lines[0].nonce });
  return found && { scan, witness: found.witness };
}

// The giver agrees last: their word is for the very list that is signed next.
async function agree(session, lines, desk, { witnesses, givers }) {
  const scan = crypto.randomUUID();
  const nonce = evidence.newNonce();
  let witness = null;
  if (needsWitness(lines, desk)) {
    const found = await witnesses.ask({ scan, nonce });
    if (!found) return null;
    witness = found.witness;
  }
  const said = lines.map(({ raw, verdict }) => ({ code: raw, verdict }));
  const found = await givers.ask({ nonce, unit: session.fromUnit, lines: said });
  return found && { scan, nonce, witness, giver: found.giver };
}

// Durable before anything is shown as done: a power cut after this line loses no handover. `attested` is the
// name of the one scan that a second person confirmed, and who that was.
export async function sign(session, lines, desk, { key, log, attested = null }) {
  const signed = [];
  for (const group of groups(session, lines, desk, attested?.nonce)) {
    const seq = await store.nextSequence(key.keyId);
    const who = { log, device: key.keyId, actor: desk.me.user, place: group.place, seq, nonce: group.nonce, scan: attested?.scan };
    const said = BUILD[session.mode](who, session, group.lines, attested?.witness ?? null, attested?.giver ?? null);
    const record = {
      scan: said.scan, user: desk.me.user, at: said.at, size: group.lines.length,
      envelope: await evidence.seal(said, key),
    };
    await store.queue(record);
    signed.push(record);
  }
  return signed;
}

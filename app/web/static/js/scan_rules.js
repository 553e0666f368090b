// Decides what one scan means for the list on screen, before the network answers. Pure: no page, no
// clock, no key. Its answer is advice to the person; only the server's rules decide custody.

import { MOST_LISTED, checkFault, isAsked } from "./scan_check.js";

export const COOL_DOWN_MS = 3000;
export const MODES = ["offer", "take", "recall", "attempt", "handin"];

export const emptySession = (mode) => ({
  mode, place: "", purpose: "transfer", toUnit: "", toUser: null, fromUnit: "", nonce: "", reason: "", action: "", lines: [],
});

// Whether each line is answered, taken or turned down: of an offer, or of what is brought to the counter.
export const isTaking = (session) => session.mode === "take" || session.mode === "handin";

// At the own counter a clerk gives out what the agency's person comes for; everybody else goes to the door.
const isCounter = (session) => Boolean(session.counter) && session.mode === "offer" && session.purpose !== "transfer";

// The unit that a list is for, by its purpose: chosen for a transfer and at a counter, else the door itself.
export const unitOf = (session) => (session.purpose === "transfer" || isCounter(session) ? session.toUnit : session.place);

const answer = (signal, key, extra = {}) => ({ signal, key, ...extra });

export const findOffer = (offers, code) => offers.find((offer) => offer.lines.some((line) => line.code === code));

// What this job still expects, so that the person can see what is left.
export function expectedLines(session, desk) {
  if (session.mode === "take") {
    return desk.incoming.find((offer) => offer.nonce === session.nonce)?.lines ?? [];
  }
  if (session.mode === "handin") return [];
  if (session.mode === "recall") return desk.outgoing.flatMap((offer) => offer.lines);
  return desk.held.filter((item) => !item.offered && fits(session, item) === null);
}

// Why a held item does not belong in this list; null when it does.
function fits(session, item) {
  // What is delivered or fails to be is what lies in a bag, never the bag.
  if (item.bag && (session.mode === "attempt" || session.purpose !== "transfer")) return "bag_moves_only";
  const misfit = isCounter(session) ? "not_for_unit" : "not_for_here";
  if (session.mode === "offer" && session.purpose === "delivery" && item.to_unit !== unitOf(session)) return misfit;
  if (session.mode === "offer" && session.purpose === "return") {
    if (item.attempts < 1) return "no_attempt_yet";
    if (item.from_unit !== unitOf(session)) return misfit;
  }
  return null;
}

function judgeHeld(session, desk, code) {
  const item = desk.held.find((held) => held.code === code);
  if (!item) return answer("stop", "not_held", { ask: true });
  if (item.hold) return answer("stop", item.hold, { halt: item.hold === "stopped" });
  if (item.offered) return answer("stop", "already_offered");
  const misfit = fits(session, item);
  return misfit ? answer("stop", misfit) : answer("ok", "added", { item });
}

// What is secret is taken by whoever has it before them: scanned, or keyed with what only its label shows.
const provesPossession = (reading) => reading.entry === "scan" || reading.raw !== reading.code;

function judgeTake(session, desk, reading) {
  const { code } = reading;
  const offer = findOffer(desk.incoming, code);
  if (!offer) return answer("stop", "not_offered", { ask: true });
  if (session.nonce && session.lines.length > 0 && offer.nonce !== session.nonce) return answer("stop", "other_offer");
  const item = offer.lines.find((line) => line.code === code);
  if (item.hold === "stopped") return answer("stop", "stopped", { halt: true });
  if (item.demands?.includes("possession") && !provesPossession(reading)) return answer("stop", "possession", { again: true });
  const listed = isAsked(offer, item);
  // What is ticked off is signed too: a list of these must still fit one statement.
  if (listed && session.lines.length >= MOST_LISTED) return answer("stop", "list_full");
  const key = listed ? "added_check" : item.sealed ? "added_seal" : "added";
  return answer("ok", key, { item, nonce: offer.nonce, listed });
}

// What is brought to the counter lies on nobody's desk here: the server was asked what it needs. `brought` is
// {found, sealed, demands}, null where it could not be asked.
export function judgeBrought(brought, reading) {
  if (brought === null) return answer("stop", "not_asked");
  if (!brought.found) return answer("stop", "not_brought");
  if (brought.demands.includes("possession") && !provesPossession(reading)) return answer("stop", "possession", { again: true });
  return answer("ok", brought.sealed ? "added_seal" : "added", { item: { sealed: brought.sealed, demands: brought.demands } });
}

function judgeRecall(desk, code) {
  const offer = findOffer(desk.outgoing, code);
  if (!offer) return answer("stop", "not_mine_to_recall", { ask: true });
  return answer("ok", "added", { item: offer.lines.find((line) => line.code === code), nonce: offer.nonce });
}

// What must be chosen before items can be scanned; null when the list may begin.
export function missingContext(session) {
  if (session.mode !== "take" && session.mode !== "recall" && !session.place) return "choose_place";
  if (session.mode === "handin") return session.fromUnit ? null : "choose_giver";
  if (session.mode === "offer" && session.purpose === "transfer" && !session.toUnit) return "choose_taker";
  if (isCounter(session) && !session.toUnit) return "choose_counter";
  if (session.mode === "attempt" && !session.reason) return "choose_reason";
  if (session.mode === "attempt" && !session.action) return "choose_action";
  return null;
}

export function judge(session, desk, reading) {
  if (reading.kind === "bad") return answer("stop", "bad_" + reading.reason);
  const missing = missingContext(session);
  if (missing) return answer("stop", missing);
  if (session.lines.some((line) => line.code === reading.code)) return answer("warning", "already");
  if (session.lines.length >= 200) return answer("stop", "list_full");
  if (session.mode === "handin") return answer("ask", "");
  if (session.mode === "take") return judgeTake(session, desk, reading);
  if (session.mode === "recall") return judgeRecall(desk, reading.code);
  return judgeHeld(session, desk, reading.code);
}

// Whether one of these lines changes hands before a second person only.
export const needsWitness = (lines, desk) => lines.some((line) => line.verdict === "accept"
  && (line.item ?? findOffer(desk.incoming, line.code)?.lines.find((item) => item.code === line.code))?.demands?.includes("witness"));

export function counters(session, desk) {
  const expected = expectedLines(session, desk).map((line) => line.code);
  const done = session.lines.filter((line) => line.status === "ready").length;
  const seen = new Set(session.lines.map((line) => line.code));
  return {
    done,
    expected: expected.length,
    left: expected.filter((code) => !seen.has(code)),
    problems: session.lines.filter((line) => line.status === "problem").length,
  };
}

// Full-width letters of an input method are the same letters; anything else stays as typed.
export const readSeal = (typed) => typed.normalize("NFKC").trim().toUpperCase();

// Evidence carries a seal number in ASCII; a sealed item is taken with its number only. "" when all is well.
export function sealFault(line) {
  if (!/^[ -~]{0,32}$/.test(line.seal ?? "")) return "letters";
  return line.sealed && line.verdict === "accept" && !line.seal ? "missing" : "";
}

export const mayCommit = (session) =>
  missingContext(session) === null
  && session.lines.some((line) => line.status === "ready")
  && !session.lines.some((line) => line.status === "problem" || (line.verdict === "refuse" && !line.reason))
  && !session.lines.some((line) => sealFault(line) !== "" || checkFault(line) !== "");

// How many lines cannot be signed yet because nobody has ticked them off, or because they do not agree.
export const unchecked = (session) => session.lines.filter((line) => checkFault(line) !== "").length;

// The list that one person is scanning, as this browser keeps it between two looks: its job, its place, its lines.
// It must never be worth more than a working station: what is damaged is begun anew.
import { nothingTicked } from "./scan_check.js";
import { MODES, emptySession as emptyOf, isTaking } from "./scan_rules.js";

export function loadSession(name, root) {
  try {
    const kept = JSON.parse(localStorage.getItem(name));
    const mayBe = MODES.includes(kept?.mode) && (kept.mode !== "handin" || root.dataset.counter === "yes");
    if (mayBe && Array.isArray(kept.lines)) return at(kept, root);
  } catch { /* Begun anew below. */ }
  return emptySession(root.dataset.mode, root);
}

export function emptySession(mode, root) {
  const next = emptyOf(mode);
  next.place = root.dataset.fixedPlace;
  return at(next, root);
}

function at(kept, root) {
  kept.counter = root.dataset.counter === "yes";
  return kept;
}

const read = ({ code, raw, entry }) => ({ code, raw, entry });

// A reading that may be signed.
export function lineOf(reading, verdict, { session, keyed }) {
  return {
    ...read(reading), status: "ready", verdict: "accept", reason: "", seal: "", keyed,
    sealed: isTaking(session) && Boolean(verdict.item?.sealed), nonce: verdict.nonce ?? "",
    ...(verdict.listed ? { check: nothingTicked() } : {}), ...(session.mode === "handin" ? { item: verdict.item } : {}),
  };
}

// A reading that is no part of the list, kept so that it can be recorded or put away.
export function problemOf(reading, verdict, texts) {
  return {
    ...read(reading), status: "problem", verdict: "accept", reason: "", seal: "", nonce: verdict.nonce ?? "",
    note: texts[`say_${verdict.key}`] ?? "", recordable: !["other_offer", "not_asked"].includes(verdict.key),
  };
}

// What the person says is not among what is offered: it was read off nothing.
export function absentOf(code, nonce) {
  return { code, raw: code, entry: "typed", status: "ready", verdict: "refuse", reason: "not_present", seal: "", nonce };
}

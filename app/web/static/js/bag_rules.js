// Decides what one scan or one typed value means at the bag station, before the network answers. Pure: no
// page, no clock, no key. It never knows a recorded seal number: only the server compares.
import { readSeal } from "./scan_rules.js";

export const LIST_TASKS = ["pack", "unpack", "answer"];
export const WITNESSED = ["open", "change_seal"];
export const FIELDS = {
  pack: [], unpack: [], answer: [],
  close: ["seal", "weight_g", "last"],
  check_seal: ["seal"],
  open: ["seal", "weight_g", "found"],
  change_seal: ["old_seal", "old_weight_g", "new_seal", "weight_g", "reason", "inner_intact"],
};
export const TASKS = ["pack", "unpack", "close", "check_seal", "open", "answer", "change_seal"];
const STATE = {
  pack: "open", unpack: "open", close: "open", check_seal: "closed", open: "closed", answer: "opened", change_seal: "closed",
};
const MOST_LINES = 200;
const MOST_GRAMS = 1_000_000;

export const emptySession = (task, place) => ({ task, place, bag: null, lines: [] });

const answer = (signal, key, extra = {}) => ({ signal, key, ...extra });

// Why this bag is not the one for this task; "" when it is.
export function bagFault(task, bag) {
  if (!bag) return "choose_bag";
  if (bag.state !== STATE[task]) return `bag_is_${bag.state}`;
  if (task !== "check_seal" && !bag.mine) return "bag_not_mine";
  if (bag.nested) return "bag_nested";
  if (["open", "change_seal"].includes(task) && bag.offered) return "bag_offered";
  return "";
}

// What this task still expects, so that the person can see what is left.
export function expected(session, bag, desk) {
  if (!bag || bagFault(session.task, bag)) return [];
  if (session.task === "pack") {
    return desk.held.filter((item) => !item.offered && item.code !== bag.code).map((item) => item.code);
  }
  const inside = bag.contents ?? [];
  return inside.filter((one) => one.mark === "" && one.listed).map((one) => one.code);
}

export function judgeLine(session, bag, desk, reading) {
  if (session.lines.some((line) => line.code === reading.code)) return answer("warning", "already");
  if (session.lines.length >= MOST_LINES) return answer("stop", "list_full");
  const waits = expected(session, bag, desk).includes(reading.code);
  if (session.task === "pack") return waits ? answer("ok", "packed") : answer("stop", "not_held");
  if (session.task === "unpack") return waits ? answer("ok", "unpacked") : answer("stop", "not_inside");
  if (waits) return answer("ok", "found", { mark: "received" });
  const known = (bag.contents ?? []).some((one) => one.code === reading.code && one.mark !== "");
  return known ? answer("stop", "answered") : answer("warning", "excess", { mark: "excess" });
}

// What is wrong with one typed value; "" when nothing is.
export function fieldFault(name, value) {
  if (name.endsWith("seal")) {
    const seal = readSeal(value);
    if (seal === "") return "missing";
    return /^[!-~](?:[ -~]{0,30}[!-~])?$/.test(seal) ? "" : "letters";
  }
  if (name.endsWith("weight_g")) {
    const grams = Number(value);
    return /^\d{1,7}$/.test(value) && grams >= 1 && grams <= MOST_GRAMS ? "" : "weight";
  }
  return value ? "" : "missing";
}

export function facts(task, values, contents, manifest = "") {
  // Whoever answers signs for the list that is answered, where the station was told which.
  const said = task === "answer" && manifest ? { manifest } : {};
  for (const name of FIELDS[task]) {
    if (name.endsWith("seal")) said[name] = readSeal(values[name]);
    else said[name] = name.endsWith("weight_g") ? Number(values[name]) : values[name];
  }
  return task === "close" ? { ...said, contents: contents.digest, pieces: contents.pieces } : said;
}

// The text whose digest the closer signs: every code inside, sorted, each with a line feed.
export const contentsText = (bag) => bag.contents.map((one) => `${one.code}\n`).sort().join("");

export function mayCommit(session, bag, values) {
  if (bagFault(session.task, bag) || !session.place) return false;
  if (LIST_TASKS.includes(session.task)) return session.lines.length > 0;
  if (session.task === "close" && (bag.contents ?? []).length === 0) return false;
  return FIELDS[session.task].every((name) => fieldFault(name, values[name] ?? "") === "");
}

// Runs the bag station: one bag, one task, one box. It must never send anything unsigned, keep a password, or
// show a seal number that somebody has to read off the bag: it is never told one.
import { ask } from "./ask.js";
import { sha256Hex, utf8 } from "./bytes.js";
import { newNonce } from "./evidence.js";
import { isTyped } from "./key_in.js";
import { Halt } from "./halt.js";
import * as rules from "./bag_rules.js";
import { signAct } from "./bag_sign.js";
import * as view from "./bag_view.js";
import { Witness } from "./bag_witness.js";
import { format, sync, tile } from "./scan_view.js";
import { $, Station } from "./station.js";

const station = new Station("bagstation", {
  accept, draw, refresh,
  idle: acknowledge,
  conclude: (results) => conclude(session.task, results),
  failed: (message) => signal("stop", "not_sent", { extra: message }),
  unsigned: () => session.lines.length,
});
const { root, texts, user } = station;
const saved = `kt1-bag-${user}`;

let session = load();
let bag = null;
let desk = { held: [] };
// Stopped codes that this person has set apart since the page was opened: once is enough.
const apart = new Set();
let met = null;

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(saved));
    if (kept && rules.TASKS.includes(kept.task) && Array.isArray(kept.lines) && kept.lines.length > 0) return kept;
  } catch { /* A damaged session is worth less than a working station. */ }
  return rules.emptySession(root.dataset.task || "pack", root.dataset.fixedPlace);
}

function keep() {
  localStorage.setItem(saved, JSON.stringify(session));
  draw();
}

const typedValues = () => Object.fromEntries(rules.FIELDS[session.task].map((name) => [name, $(name).value]));

function wipeFields() {
  $("fields").reset();
  view.faults(Object.fromEntries([...document.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, ""])), texts);
}

function draw() {
  view.tasks(session);
  view.bag(session, bag, texts);
  const waits = rules.expected(session, bag, desk);
  const seen = new Set(session.lines.map((line) => line.code));
  const left = waits.filter((code) => !seen.has(code));
  view.lines(session, texts);
  view.left(left, session, texts);
  view.numbers(session.lines.length, left.length, session.lines.filter((line) => line.mark === "excess").length);
  $("place").value = session.place;
  $("commit").disabled = station.working || !station.key || !rules.mayCommit(session, bag, typedValues());
  $("commit-text").textContent = format(texts[`sign_${session.task}`], { count: session.lines.length });
}

function signal(kind, textKey, { code = "", extra = "", word = "" } = {}) {
  const words = { ok: texts.word_ok, warning: texts.word_warning, stop: texts.word_stop };
  station.signal(kind, word || words[kind], { code, next: extra || texts[`say_${textKey}`] || "" });
}

function idle() {
  if (station.locked) return;
  const next = rules.bagFault(session.task, bag) || (session.place ? `do_${session.task}` : "choose_place");
  tile("idle", { word: texts.word_idle, code: "", next: texts[`say_${next}`] ?? "" });
}

function acknowledge() {
  station.locked = false;
  idle();
  station.entry.clear();
  focusNext();
}

function focusNext() {
  const isReady = bag && session.place && rules.bagFault(session.task, bag) === "";
  const first = rules.FIELDS[session.task].find((name) => $(name).value === "");
  if (isReady && first) $(first).focus({ preventScroll: true });
  else station.entry.focus();
}

async function accept(reading) {
  if (reading.kind === "command") return command(reading.command);
  if (reading.kind === "unit") return choosePlace(reading);
  if (reading.kind !== "code") return signal("stop", `bad_${reading.reason}`, { code: reading.shown });
  lookForStop(reading);
  if (!bag || (session.lines.length === 0 && rules.bagFault(session.task, bag))) return chooseBag(reading);
  if (reading.code === bag.code) return readAgain(reading);
  if (!rules.LIST_TASKS.includes(session.task)) return chooseBag(reading);
  const fault = rules.bagFault(session.task, bag) || (session.place ? "" : "choose_place");
  if (fault) return signal("stop", fault, { code: reading.code });
  return addLine(reading);
}

// A code may be stopped wherever it turns up: the server is asked beside what the station knows already, and
// once a person has set the thing apart, its scan is signed and sent, so that its refusal is in the log.
async function lookForStop(reading) {
  const known = desk.held.some((one) => one.code === reading.code && one.hold === "stopped");
  const found = known ? { stopped: true, text: texts.say_stopped } : await ask(root.dataset.lookupUrl, { code: reading.code });
  if (!found?.stopped || apart.has(reading.code)) return;
  station.locked = true;
  met = reading;
  screen.show(reading.code, found.text);
}

const isPacking = () => ["pack", "unpack"].includes(session.task) && bag && session.place && rules.bagFault(session.task, bag) === "";

async function setApart(code) {
  apart.add(code);
  const listed = session.lines.find((one) => one.code === code);
  const line = listed ?? (met?.code === code && met.entry === "scan" && isPacking() ? { code, raw: met.raw, entry: met.entry, mark: "" } : null);
  session.lines = session.lines.filter((one) => one !== listed);
  if (session.bag?.code === code) {
    session.bag = null;
    bag = null;
  }
  keep();
  acknowledge();
  if (!line || !bag || !station.key) return;
  await station.work(() => send(newNonce(), null, [line]));
}

// A tag that was scanned stands for itself, however the bag was chosen.
function readAgain(reading) {
  if (isTyped(reading) || !isTyped(session.bag)) return signal("warning", "bag_again", { code: reading.code });
  session.bag = { code: reading.code, raw: reading.raw, entry: reading.entry };
  keep();
  signal("ok", `do_${session.task}`, { code: reading.code });
  return focusNext();
}

async function addLine(reading) {
  const verdict = rules.judgeLine(session, bag, desk, reading);
  if (verdict.signal === "stop") return signal("stop", verdict.key, { code: reading.code });
  if (verdict.key !== "already") {
    const keyed = await station.keyIns.behind(reading, session.place);
    if (keyed === null) return idle();
    session.lines.push({ code: reading.code, raw: reading.raw, entry: reading.entry, mark: verdict.mark ?? "", keyed });
    keep();
  }
  return signal(verdict.signal, verdict.key, { code: reading.code });
}

async function chooseBag(reading) {
  if (session.lines.length > 0) return signal("stop", "finish_first", { code: reading.code });
  const found = await fetchBag(reading.code);
  if (!found) return signal("stop", found === null ? "bag_unknown" : "bag_offline", { code: reading.code });
  const keyed = session.place ? await station.keyIns.behind(reading, session.place) : "";
  if (keyed === null) return idle();
  session.bag = { code: reading.code, raw: reading.raw, entry: reading.entry, keyed };
  bag = found;
  wipeFields();
  keep();
  const fault = rules.bagFault(session.task, bag);
  if (fault) signal("stop", fault, { code: bag.code });
  else signal("ok", `do_${session.task}`, { code: bag.code });
  if (!fault) focusNext();
  return undefined;
}

// -> the bag; null when it is nobody's or somebody else's, undefined when the server did not answer.
async function fetchBag(code) {
  const found = await ask(root.dataset.bagUrl, { code });
  if (found === undefined) sync("waiting", texts.sync_offline);
  else sync("saved", texts.sync_fresh);
  return found?.bag ?? found;
}

async function refresh() {
  // Without an answer the list of what is left is older; the server decides.
  desk = await ask(root.dataset.deskUrl) ?? desk;
  if (session.bag) bag = await fetchBag(session.bag.code) ?? bag;
  draw();
}

function choosePlace(reading) {
  const option = [...$("place").options].find((one) => one.value.toUpperCase() === reading.unit);
  if (!option || session.place) return signal("stop", "bad_format", { code: reading.shown });
  session.place = option.value;
  keep();
  return signal("ok", "place_chosen", { code: reading.unit });
}

function command(name) {
  if (name === "undo") undo();
  else if (name === "left") $("left-panel").open = true;
  else if (name === "done" && !$("commit").disabled) signal("warning", "confirm_sign");
}

function undo() {
  const removed = session.lines.pop();
  if (!removed) return;
  signal("warning", "removed", { code: removed.code });
  keep();
}

// The bag too, where it was chosen from a page and not read off its tag; what is missing was read off nothing.
const mayUse = () => station.keyIns.refresh(
  [session.bag, ...session.lines.filter((line) => line.mark !== "missing")], () => session.place,
);

async function commit() {
  if ($("commit").disabled || station.working || !await mayUse()) return;
  await station.work(async () => {
    const nonce = newNonce();
    const witness = rules.WITNESSED.includes(session.task) ? await witnesses.ask({ nonce, subject: bag.code }) : null;
    if (witness || !rules.WITNESSED.includes(session.task)) await send(nonce, witness);
  });
  if (!station.locked) focusNext();
}

async function send(nonce, witness, lines = session.lines) {
  const task = session.task;
  const contents = task === "close" && { digest: await sha256Hex(utf8(rules.contentsText(bag))), pieces: bag.contents.length };
  const act = {
    kind: task, subject: session.bag.raw, entry: session.bag.entry, witness: witness?.witness ?? null,
    facts: rules.facts(task, typedValues(), contents, bag.manifest), lines,
  };
  const { key, log } = station;
  const record = await signAct(act, { key, log, user, place: session.place, nonce });
  session.lines = session.lines.filter((line) => !lines.includes(line));
  wipeFields();
  keep();
  const results = await station.deliver([record]);
  if (results) conclude(task, results.slice(-1));
  // One key-in serves one accepted act.
  if (results?.at(-1)?.lines?.[0]?.outcome === "accepted" && session.bag) session.bag.keyed = "";
  await refresh();
  if (task === "open" && bag?.state === "opened") setTask("answer", { quiet: true });
}

function conclude(task, results) {
  const [result] = results;
  const refused = (result.lines ?? []).filter((line) => line.outcome === "refused");
  if (result.message) signal("stop", "not_recorded", { extra: result.message });
  else if (refused.length > 0) {
    const isSeal = refused[0].refusal === "seal_differs";
    signal("stop", "partly", { code: refused[0].code, extra: refused[0].text, word: isSeal ? texts.word_differs : "" });
    const stopped = refused.find((line) => line.refusal === "stopped");
    if (stopped && !apart.has(stopped.code)) screen.show(stopped.code, stopped.text);
  } else signal("ok", `done_${task}`, { code: `#${result.entry?.index ?? ""}`, word: task === "check_seal" ? texts.word_equal : "" });
}

function setTask(task, { quiet = false } = {}) {
  session.task = task;
  wipeFields();
  keep();
  if (!quiet) acknowledge();
}

function onListClick(event) {
  const code = event.target.closest("[data-code]")?.dataset.code;
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "remove") session.lines = session.lines.filter((line) => line.code !== code);
  else if (act === "absent") session.lines.push({ code, raw: code, entry: "typed", mark: "missing" });
  else return;
  keep();
  station.entry.focus();
}

const screen = new Halt(setApart);
const witnesses = new Witness(root.dataset.witnessUrl, station.csrf, texts);
$("commit").addEventListener("click", commit);
$("undo").addEventListener("click", undo);
$("lines").addEventListener("click", onListClick);
$("left-list").addEventListener("click", onListClick);
$("lines").addEventListener("change", (event) => {
  const line = session.lines.find((one) => one.code === event.target.closest("[data-code]")?.dataset.code);
  if (line) line.mark = event.target.value;
  keep();
});
$("place").addEventListener("change", () => {
  session.place = $("place").value;
  keep();
  idle();
});
$("other-bag").addEventListener("click", () => {
  if (session.lines.length > 0) return signal("stop", "finish_first");
  session.bag = null;
  bag = null;
  wipeFields();
  keep();
  return acknowledge();
});
$("fields").addEventListener("input", () => {
  $("commit").disabled = station.working || !station.key || !rules.mayCommit(session, bag, typedValues());
});
$("fields").addEventListener("change", (event) => {
  const name = event.target.id;
  view.faults({ [name]: rules.fieldFault(name, event.target.value) }, texts);
});
// A scanner ends with Enter: it leads to the next field and never signs.
$("fields").addEventListener("submit", (event) => event.preventDefault());
$("fields").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey) return;
  event.preventDefault();
  const names = rules.FIELDS[session.task];
  const next = names[names.indexOf(event.target.id) + 1];
  if (next) $(next).focus();
  else if (!$("commit").disabled) signal("warning", "confirm_sign");
});
for (const tab of document.querySelectorAll("button[data-task]")) {
  tab.addEventListener("click", () => {
    if (tab.dataset.task === session.task) return;
    if (session.lines.length > 0) signal("stop", "finish_first");
    else setTask(tab.dataset.task);
  });
}
document.addEventListener("keydown", (event) => {
  // Right behind other keys it comes from a barcode, not from a hand.
  const isAsked = event.key === "Enter" && event.ctrlKey && !document.querySelector("dialog[open]");
  if (isAsked && station.entry.isQuiet(event)) commit();
});
station.every(() => station.tick());

await station.findKey();
if (root.dataset.task && session.lines.length === 0) session.task = root.dataset.task;
if (root.dataset.code && session.lines.length === 0) session.bag = { code: root.dataset.code, raw: root.dataset.code, entry: "typed" };
wipeFields();
await refresh();
idle();
focusNext();
await station.open();

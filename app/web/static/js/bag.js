// Runs the bag station: one bag, one task, one box. It must never send anything unsigned, keep a password, or
// show a seal number that somebody has to read off the bag: it is never told one.
import { ask } from "./ask.js";
import { sha256Hex, utf8 } from "./bytes.js";
import * as device from "./device.js";
import { newNonce } from "./evidence.js";
import { KeyIn, isTyped } from "./key_in.js";
import { Halt } from "./halt.js";
import * as rules from "./bag_rules.js";
import { signAct } from "./bag_sign.js";
import * as view from "./bag_view.js";
import { Witness } from "./bag_witness.js";
import { ScanEntry } from "./scan_entry.js";
import { Outbox } from "./scan_outbox.js";
import { play } from "./signals.js";
import * as store from "./store.js";
import { format, sync, tile } from "./scan_view.js";

const $ = (id) => document.getElementById(id);
const root = $("bagstation");
const texts = JSON.parse(root.dataset.texts);
const user = Number(root.dataset.user);
const csrf = document.body.dataset.csrf;
const saved = `kt1-bag-${user}`;
const TICK_MS = 20000;
document.body.dataset.station = "yes";

let session = load();
let bag = null;
let desk = { held: [] };
let key = null;
let locked = false;
let working = false;
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
  $("commit").disabled = working || !key || !rules.mayCommit(session, bag, typedValues());
  $("commit-text").textContent = format(texts[`sign_${session.task}`], { count: session.lines.length });
}

function signal(kind, textKey, { code = "", extra = "", word = "" } = {}) {
  const words = { ok: texts.word_ok, warning: texts.word_warning, stop: texts.word_stop };
  tile(kind, { word: word || words[kind], code, next: extra || texts[`say_${textKey}`] || "", locked: kind === "stop" });
  play(kind);
  locked = kind === "stop";
}

function idle() {
  if (locked) return;
  const next = rules.bagFault(session.task, bag) || (session.place ? `do_${session.task}` : "choose_place");
  tile("idle", { word: texts.word_idle, code: "", next: texts[`say_${next}`] ?? "" });
}

function acknowledge() {
  locked = false;
  idle();
  entry.clear();
  focusNext();
}

function focusNext() {
  const isReady = bag && session.place && rules.bagFault(session.task, bag) === "";
  const first = rules.FIELDS[session.task].find((name) => $(name).value === "");
  if (isReady && first) $(first).focus({ preventScroll: true });
  else entry.focus();
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
  locked = true;
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
  if (!line || !bag || !key || working) return;
  working = true;
  try {
    await send(newNonce(), null, [line]);
  } finally {
    working = false;
    draw();
  }
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
    const keyed = await keyIns.behind(reading, session.place);
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
  const keyed = session.place ? await keyIns.behind(reading, session.place) : "";
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

async function commit() {
  if ($("commit").disabled || working || !await mayUse()) return;
  working = true;
  draw();
  try {
    const nonce = newNonce();
    const witness = rules.WITNESSED.includes(session.task) ? await witnesses.ask({ nonce, subject: bag.code }) : null;
    if (rules.WITNESSED.includes(session.task) && !witness) return;
    await send(nonce, witness);
  } finally {
    working = false;
    draw();
    if (!locked) focusNext();
  }
}

async function send(nonce, witness, lines = session.lines) {
  const task = session.task;
  const contents = task === "close" && { digest: await sha256Hex(utf8(rules.contentsText(bag))), pieces: bag.contents.length };
  const act = {
    kind: task, subject: session.bag.raw, entry: session.bag.entry, witness: witness?.witness ?? null,
    facts: rules.facts(task, typedValues(), contents, bag.manifest), lines,
  };
  const record = await signAct(act, { key, log: root.dataset.log, user, place: session.place, nonce });
  session.lines = session.lines.filter((line) => !lines.includes(line));
  wipeFields();
  keep();
  // What was signed before goes first: a code that was keyed in offline must arrive before its use.
  const results = await outbox.deliver(outbox.waiting > 0 ? await store.listQueued(user) : [record]);
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

async function retry({ rejected = false, quiet = false } = {}) {
  if (working) return;
  working = true;
  try {
    const waiting = await (rejected ? store.listRejected(user) : store.listQueued(user));
    const results = waiting.length > 0 ? await outbox.deliver(waiting, { quiet }) : null;
    if (results) conclude(session.task, results);
    if (results) await refresh();
  } finally {
    working = false;
    draw();
  }
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
  entry.focus();
}

const screen = new Halt(setApart);
const witnesses = new Witness(root.dataset.witnessUrl, csrf, texts);
const outbox = new Outbox(texts, {
  target: { url: root.dataset.submitUrl, csrf }, user, retry,
  failed: (message) => signal("stop", "not_sent", { extra: message }),
});
// The bag too, where it was chosen from a page and not read off its tag; what is missing was read off nothing.
const mayUse = () => keyIns.refresh(
  [session.bag, ...session.lines.filter((line) => line.mark !== "missing")], () => session.place,
);
const keyIns = new KeyIn(texts, {
  witnessUrl: root.dataset.readerUrl, csrf, user, log: root.dataset.log, key: () => key,
  deliver: async () => outbox.deliver(await store.listQueued(user), { quiet: true }),
  busy: (on) => {
    working = on;
    draw();
    if (!on) entry.focus();
  },
});
const entry = new ScanEntry($("box"), $("box-form"), {
  accept,
  busy: () => {
    if (locked) play("stop");
    return locked || working;
  },
});

$("typed").addEventListener("click", () => {
  entry.finish(true);
  entry.focus();
});
$("tile-ack").addEventListener("click", acknowledge);
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
  $("commit").disabled = working || !key || !rules.mayCommit(session, bag, typedValues());
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
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && locked) acknowledge();
  // Right behind other keys it comes from a barcode, not from a hand.
  else if (event.key === "Enter" && event.ctrlKey && entry.isQuiet(event)) commit();
});
window.addEventListener("beforeunload", (event) => {
  if (session.lines.length > 0 || outbox.size > 0) event.preventDefault();
});
window.addEventListener("online", () => retry({ quiet: true }));
setInterval(() => {
  if (outbox.waiting > 0 && document.visibilityState === "visible") retry({ quiet: true });
}, TICK_MS);

key = device.supported() ? await device.find(user) : null;
$("no-key").hidden = Boolean(key);
if (root.dataset.task && session.lines.length === 0) session.task = root.dataset.task;
if (root.dataset.code && session.lines.length === 0) session.bag = { code: root.dataset.code, raw: root.dataset.code, entry: "typed" };
wipeFields();
await refresh();
idle();
focusNext();
await outbox.show();
root.dataset.ready = "yes";

// Runs the scan station: one screen, one job, one box. Shows a verdict at once from what it already knows,
// then lets the server confirm. It must never send anything unsigned or forget a signed list.
import { Witness } from "./bag_witness.js";
import * as blank from "./blank.js";
import * as closed from "./scan_closed.js";
import * as device from "./device.js";
import * as rules from "./scan_rules.js";
import { Halt } from "./halt.js";
import { play } from "./signals.js";
import { nothingTicked, tick as tickOff } from "./scan_check.js";
import { ScanEntry } from "./scan_entry.js";
import { Outbox } from "./scan_outbox.js";
import { KeyIn } from "./key_in.js";
import { attest, placeOf, sign } from "./scan_send.js";
import * as store from "./store.js";
import * as view from "./scan_view.js";
import { Setup } from "./scan_setup.js";

const root = document.getElementById("station");
const texts = JSON.parse(root.dataset.texts);
const urls = {
  desk: root.dataset.deskUrl, lookup: root.dataset.lookupUrl, submit: root.dataset.submitUrl, brought: root.dataset.broughtUrl,
};
const user = Number(root.dataset.user);
const csrf = document.body.dataset.csrf;
const saved = `kt1-scan-${user}`;
const EMPTY_DESK = { me: { user, unit_code: root.dataset.unit }, held: [], incoming: [], outgoing: [] };

const TICK_MS = 20000;

let desk = EMPTY_DESK;
let session = load();
let key = null;
let locked = false;
let working = false;
let missed = false;
let asking = Promise.resolve();
// The place that the desk was last asked about.
let asked = null;
// Stopped codes that this person has set apart since the page was opened: once is enough.
const apart = new Set();
let lastCode = { code: "", at: 0 };
document.body.dataset.station = "yes";

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(saved));
    if (kept && rules.MODES.includes(kept.mode) && (kept.mode !== "handin" || root.dataset.counter === "yes") && Array.isArray(kept.lines)) return at(kept);
  } catch { /* A damaged session is worth less than a working station. */ }
  return fresh(root.dataset.mode);
}

function fresh(mode) {
  const next = rules.emptySession(mode);
  next.place = root.dataset.fixedPlace;
  return at(next);
}

function at(kept) {
  kept.counter = root.dataset.counter === "yes";
  return kept;
}

function keep() {
  localStorage.setItem(saved, JSON.stringify(session));
  draw();
}

function itemOf(code) {
  const everywhere = [...desk.held, ...desk.incoming.flatMap((o) => o.lines), ...desk.outgoing.flatMap((o) => o.lines)];
  return everywhere.find((item) => item.code === code);
}

function draw() {
  const count = rules.counters(session, desk);
  view.counts(count);
  view.list([...session.lines].reverse(), (line) => view.lineItem(line, line.item ?? itemOf(line.code), session, texts));
  view.left(count.left.map((code) => ({ ...itemOf(code), code, mode: session.mode })), texts);
  view.offers(desk.incoming, session.nonce, texts);
  setup.draw(session);
  closed.show(desk.closed, placeOf(session, desk, session.nonce));
  if (session.place !== asked) refresh();
  const ready = session.lines.filter((line) => line.status === "ready");
  const commit = document.getElementById("commit");
  commit.disabled = working || !key || !rules.mayCommit(session);
  view.unchecked(rules.unchecked(session), texts);
  document.getElementById("commit-text").textContent = view.format(texts[`sign_${session.mode}`], { count: ready.length });
}

function signal(kind, textKey, { code = "", extra = "" } = {}) {
  const words = { ok: texts.word_ok, warning: texts.word_warning, stop: texts.word_stop };
  const word = textKey === "already" ? texts.word_already : words[kind];
  view.tile(kind, { word, code, next: extra || texts[`say_${textKey}`] || "", locked: kind === "stop" });
  play(kind);
  // The focus stays in the box: a scanner's own Enter must not acknowledge anything.
  locked = kind === "stop";
}

function halt(code, text) {
  locked = true;
  screen.show(code, text);
}

function acknowledge() {
  locked = false;
  view.tile("idle", { word: texts.word_idle, code: "", next: idleText() });
  entry.clear();
  entry.focus();
}

const idleText = () => texts[`say_${rules.missingContext(session) ?? "scan_" + session.mode}`] ?? "";

function idle() {
  if (!locked) view.tile("idle", { word: texts.word_idle, code: "", next: idleText() });
}

// At the counter a scan waits for the answer about the one before it: none may be lost, or judged out of turn.
function accept(reading) {
  if (session.mode !== "handin") return judgeReading(reading);
  asking = asking.then(() => (locked ? play("stop") : judgeReading(reading)));
  return asking;
}

async function judgeReading(reading) {
  if (reading.kind === "command") return command(reading.command);
  if (reading.kind === "unit") return chooseUnit(reading);
  const now = performance.now();
  const bounced = reading.kind === "code" && lastCode.code === reading.code && now - lastCode.at < rules.COOL_DOWN_MS;
  lastCode = { code: reading.code, at: now };
  const judged = rules.judge(session, desk, reading);
  const verdict = judged.signal === "ask" ? rules.judgeBrought(await askBrought(reading.code), reading) : judged;
  const shown = reading.code ?? reading.shown;
  if (verdict.key === "already") {
    if (bounced) view.tile("warning", { word: texts.word_already, code: shown, next: texts.say_already });
    else signal("warning", "already", { code: shown });
    return undefined;
  }
  if (verdict.signal === "ok") return addLine(reading, verdict, await keyIns.behind(reading, placeOf(session, desk, verdict.nonce)));
  signal("stop", verdict.key, { code: shown });
  const isProblem = verdict.key !== "list_full" && !verdict.again && rules.missingContext(session) === null;
  if (reading.kind === "code" && isProblem) addProblem(reading, verdict);
  if (verdict.halt) halt(reading.code, texts.say_stopped);
  else if (verdict.ask) explain(reading.code);
  return undefined;
}

// What an agency brings lies on no desk here, so the server says what taking it in needs.
async function askBrought(code) {
  try {
    const query = new URLSearchParams({ code, unit: session.fromUnit });
    const response = await fetch(`${urls.brought}?${query}`, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function addLine(reading, verdict, keyed) {
  if (keyed === null) return idle();
  if (verdict.nonce && session.mode === "take") session.nonce = verdict.nonce;
  session.lines.push({
    code: reading.code, raw: reading.raw, entry: reading.entry, status: "ready", verdict: "accept", reason: "",
    seal: "", sealed: rules.isTaking(session) && Boolean(verdict.item?.sealed), nonce: verdict.nonce ?? "", keyed,
    ...(verdict.listed ? { check: nothingTicked() } : {}), ...(session.mode === "handin" ? { item: verdict.item } : {}),
  });
  signal("ok", verdict.key, { code: reading.code });
  keep();
  return undefined;
}

function addProblem(reading, verdict) {
  session.lines.push({
    code: reading.code, raw: reading.raw, entry: reading.entry, status: "problem", verdict: "accept", reason: "",
    seal: "", nonce: verdict.nonce ?? "", note: texts[`say_${verdict.key}`] ?? "", recordable: !["other_offer", "not_asked"].includes(verdict.key),
  });
  keep();
}

// The first answer came from memory; ask the server why, for the words only.
async function explain(code) {
  try {
    const response = await fetch(`${urls.lookup}?${new URLSearchParams({ code })}`, { headers: { Accept: "application/json" } });
    const found = await response.json();
    const line = session.lines.find((one) => one.code === code && one.status === "problem");
    if (found.stopped) halt(code, found.text);
    if (!line || !found.text) return;
    line.note = found.text;
    keep();
    if (locked && document.getElementById("tile-code").textContent === code) {
      document.getElementById("tile-next").textContent = found.text;
    }
  } catch { /* Without the network the first answer stands. */ }
}

function chooseUnit(reading) {
  const chosen = setup.chooseUnit(session, reading.unit);
  if (chosen) {
    signal("ok", "unit_chosen", { code: reading.unit, extra: chosen });
    keep();
  } else signal("stop", "bad_format", { code: reading.shown });
}

function command(name) {
  if (name === "done") askToSign();
  else if (name === "undo") undo();
  else if (name === "left") document.getElementById("left-panel").open = true;
}

// A barcode never signs: it may hang on a stranger's envelope. It only asks the person to.
function askToSign() {
  if (document.getElementById("commit").disabled) return;
  const count = session.lines.filter((line) => line.status === "ready").length;
  signal("warning", "confirm_sign", { extra: view.format(texts.say_confirm_sign, { count }) });
}

function undo() {
  const removed = session.lines.pop();
  if (!removed) return;
  view.tile("warning", { word: texts.word_removed, code: removed.code, next: texts.say_removed });
  play("warning");
  keep();
}

async function commit(chosen = null) {
  await asking;
  const lines = chosen ?? session.lines.filter((line) => line.status === "ready");
  if (working || lines.length === 0 || !await mayUse(lines)) return;
  working = true;
  draw();
  try {
    if (session.mode === "handin") view.agreed(lines, setup.nameOf("from-unit"), texts);
    const attested = await attest(session, lines, desk, { witnesses, givers });
    if (attested === null) return;
    const records = await sign(session, lines, desk, { key, log: root.dataset.log, attested });
    const sent = new Set(lines.map((line) => line.code));
    session.lines = session.lines.filter((line) => !sent.has(line.code));
    if (session.mode === "take") session.nonce = "";
    keep();
    // What was signed before goes first: a code that was keyed in offline must arrive before its use.
    const results = await outbox.deliver(outbox.waiting > 0 ? await store.listQueued(user) : records);
    if (results) conclude(results);
    await refresh();
  } finally {
    rest();
    if (!locked) entry.focus();
  }
}

// A network that came back while something was being sent must not be missed.
function rest() {
  working = false;
  draw();
  if (missed) retry({ quiet: true });
}

function conclude(results) {
  const refused = results.flatMap((result) => result.lines ?? []).filter((line) => line.outcome === "refused");
  const failed = results.find((result) => result.message);
  if (failed) signal("stop", "not_recorded", { extra: failed.message });
  else if (refused.length > 0) signal("stop", "partly", { code: refused[0].code, extra: refused[0].text });
  const stopped = refused.find((line) => line.refusal === "stopped");
  if (stopped && !apart.has(stopped.code)) halt(stopped.code, stopped.text);
  if (failed || refused.length > 0) return;
  signal("ok", "recorded", { code: results.map((result) => `#${result.entry?.index ?? ""}`).join(" ") });
}

// `quiet`: nobody asked for it, so a network that is still away is shown by the banner and not by an alarm.
async function retry({ rejected = false, quiet = false } = {}) {
  missed = working;
  if (working) return;
  working = true;
  try {
    const waiting = await (rejected ? store.listRejected(user) : store.listQueued(user));
    if (waiting.length === 0) return;
    const results = await outbox.deliver(waiting, { quiet });
    if (results) conclude(results);
    await refresh();
  } finally {
    rest();
  }
}

// Somebody is choosing a unit or reading a seal number into its field: drawing anew would wipe it.
const isFilling = () => Boolean(document.activeElement?.closest("#setup, #lines"));

async function refresh() {
  asked = session.place;
  try {
    const response = await fetch(`${urls.desk}?place=${encodeURIComponent(asked)}`, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    desk = await response.json();
    view.sync("saved", texts.sync_fresh);
  } catch {
    view.sync("waiting", texts.sync_offline);
  }
  if (!isFilling()) draw();
}

// At rest: send what still waits, then look at the desk again.
async function tick() {
  if (working || locked || isFilling() || document.visibilityState !== "visible") return;
  if (outbox.waiting > 0) await retry({ quiet: true });
  else await refresh();
}

function setMode(mode) {
  session = fresh(mode);
  keep();
  acknowledge();
}

function onListClick(event) {
  const row = event.target.closest("[data-code]");
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (!row || !act) return;
  const line = session.lines.find((one) => one.code === row.dataset.code);
  if (act === "remove") session.lines = session.lines.filter((one) => one !== line);
  if (act === "record") commit([line]);
  if (act === "absent") {
    const offer = rules.findOffer(desk.incoming, row.dataset.code);
    session.nonce = offer.nonce;
    session.lines.push({
      code: row.dataset.code, raw: row.dataset.code, entry: "typed", status: "ready", verdict: "refuse",
      reason: "not_present", seal: "", nonce: offer.nonce,
    });
  }
  keep();
  entry.focus();
}

function onListChange(event) {
  const line = session.lines.find((one) => one.code === event.target.closest("[data-code]")?.dataset.code);
  if (!line) return;
  const question = event.target.dataset.check;
  if (question) {
    tickOff(line, question, event.target.value);
    keep();
    if (!view.leadOn(line)) entry.focus();
    return;
  }
  if (event.target.matches("select")) {
    line.verdict = event.target.value ? "refuse" : "accept";
    line.reason = event.target.value;
  } else line.seal = rules.readSeal(event.target.value);
  keep();
  if (rules.sealFault(line) === "letters") signal("stop", "bad_seal", { code: line.code });
  entry.focus();
}

const witnesses = new Witness(root.dataset.takeWitnessUrl, csrf, texts);
const givers = document.getElementById("giver") && new Witness(root.dataset.giverUrl, csrf, texts, "giver");
const outbox = new Outbox(texts, {
  target: { url: urls.submit, csrf },
  user,
  failed: (message) => signal("stop", "not_sent", { extra: message }),
  retry,
});
// What is not there was read off nothing.
const mayUse = (lines) => keyIns.refresh(
  lines.filter((line) => line.status === "ready" && line.reason !== "not_present"), (line) => placeOf(session, desk, line.nonce),
);
const keyIns = new KeyIn(texts, {
  witnessUrl: root.dataset.witnessUrl, csrf, user, log: root.dataset.log, key: () => key,
  deliver: async () => outbox.deliver(await store.listQueued(user), { quiet: true }),
  busy: (on) => {
    working = on;
    if (!on) rest();
    if (!on) entry.focus();
  },
});
const setup = new Setup(root, texts, {
  changed: () => {
    keep();
    idle();
    if (rules.missingContext(session) === null) entry.focus();
  },
  current: () => session,
});
const screen = new Halt((code) => {
  const line = session.lines.find((one) => one.code === code && one.status === "problem" && one.recordable);
  acknowledge();
  // Whoever says so has met the code: the scan is signed and sent, so that its refusal is in the log.
  apart.add(code);
  if (line && key) commit([line]);
});
const entry = new ScanEntry(document.getElementById("box"), document.getElementById("box-form"), {
  accept,
  busy: () => {
    if (locked) play("stop");
    return locked || working;
  },
});

document.getElementById("typed").addEventListener("click", () => {
  entry.finish(true);
  entry.focus();
});
document.getElementById("tile-ack").addEventListener("click", acknowledge);
document.getElementById("commit").addEventListener("click", () => commit());
document.getElementById("undo").addEventListener("click", undo);
document.getElementById("lines").addEventListener("click", onListClick);
document.getElementById("lines").addEventListener("change", onListChange);
document.getElementById("left-list").addEventListener("click", onListClick);
document.getElementById("sound").addEventListener("click", () => {
  for (const [index, name] of ["ok", "warning", "stop"].entries()) setTimeout(() => play(name), index * 900);
});
document.getElementById("offers").addEventListener("click", (event) => {
  const nonce = event.target.closest("[data-nonce]")?.dataset.nonce;
  if (!nonce || session.lines.length > 0) return;
  session.nonce = nonce;
  keep();
  idle();
  entry.focus();
});
for (const tab of document.querySelectorAll("[data-mode]:not(#station)")) {
  tab.addEventListener("click", () => {
    if (tab.dataset.mode === session.mode) return;
    if (session.lines.length > 0) signal("stop", "finish_first");
    else setMode(tab.dataset.mode);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && locked) acknowledge();
  else if (event.key === "Enter" && event.ctrlKey && !document.getElementById("commit").disabled) {
    // Right behind other keys it comes from a barcode, not from a hand.
    if (entry.isQuiet(event)) commit();
  }
  else if (event.altKey && ["1", "2", "3", "4", "5"].includes(event.key)) {
    event.preventDefault();
    document.querySelectorAll("[data-mode]:not(#station)")[Number(event.key) - 1]?.click();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (session.lines.length > 0 || outbox.size > 0) event.preventDefault();
});
window.addEventListener("online", () => retry({ quiet: true }));
setInterval(tick, TICK_MS);

key = device.supported() ? await device.find(user) : null;
document.getElementById("no-key").hidden = Boolean(key);
if (root.dataset.startMode && session.lines.length === 0 && session.mode !== root.dataset.startMode) session = fresh(root.dataset.startMode);
draw();
idle();
blank.watch();
entry.focus();
await refresh();
idle();
await outbox.show();
root.dataset.ready = "yes";

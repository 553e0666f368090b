// Runs the scan station: one screen, one job, one box. Shows a verdict at once from what it already knows,
// then lets the server confirm. It must never send anything unsigned or forget a signed list.
import { Witness } from "./bag_witness.js";
import * as closed from "./scan_closed.js";
import * as rules from "./scan_rules.js";
import { Halt } from "./halt.js";
import { play } from "./signals.js";
import { absentOf, emptySession, lineOf, loadSession, problemOf } from "./scan_session.js";
import { tick as tickOff } from "./scan_check.js";
import { attest, placeOf, sign } from "./scan_send.js";
import * as view from "./scan_view.js";
import { Setup } from "./scan_setup.js";
import { $, Station } from "./station.js";

const station = new Station("station", {
  accept, draw, conclude, refresh,
  idle: acknowledge,
  failed: (message) => signal("stop", "not_sent", { extra: message }),
  unsigned: () => session.lines.length,
});
const { root, texts, user } = station;
const urls = { desk: root.dataset.deskUrl, lookup: root.dataset.lookupUrl, brought: root.dataset.broughtUrl };
const saved = `kt1-scan-${user}`;
const EMPTY_DESK = { me: { user, unit_code: root.dataset.unit }, held: [], incoming: [], outgoing: [] };

let desk = EMPTY_DESK;
let session = loadSession(saved, root);
let asking = Promise.resolve();
// The place that the desk was last asked about.
let asked = null;
// Stopped codes that this person has set apart since the page was opened: once is enough.
const apart = new Set();
let lastCode = { code: "", at: 0 };

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
  $("commit").disabled = station.working || !station.key || !rules.mayCommit(session);
  view.unchecked(rules.unchecked(session), texts);
  $("commit-text").textContent = view.format(texts[`sign_${session.mode}`], { count: ready.length });
}

function signal(kind, textKey, { code = "", extra = "" } = {}) {
  const words = { ok: texts.word_ok, warning: texts.word_warning, stop: texts.word_stop };
  const word = textKey === "already" ? texts.word_already : words[kind];
  station.signal(kind, word, { code, next: extra || texts[`say_${textKey}`] || "" });
}

function halt(code, text) {
  station.locked = true;
  screen.show(code, text);
}

function acknowledge() {
  station.wait(idleText());
}

const idleText = () => texts[`say_${rules.missingContext(session) ?? "scan_" + session.mode}`] ?? "";

function idle() {
  if (!station.locked) view.tile("idle", { word: texts.word_idle, code: "", next: idleText() });
}

// At the counter a scan waits for the answer about the one before it: none may be lost, or judged out of turn.
function accept(reading) {
  if (session.mode !== "handin") return judgeReading(reading);
  asking = asking.then(() => (station.locked ? play("stop") : judgeReading(reading)));
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
  if (verdict.signal === "ok") return addLine(reading, verdict, await station.keyIns.behind(reading, placeOf(session, desk, verdict.nonce)));
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
  session.lines.push(lineOf(reading, verdict, { session, keyed }));
  signal("ok", verdict.key, { code: reading.code });
  keep();
  return undefined;
}

function addProblem(reading, verdict) {
  session.lines.push(problemOf(reading, verdict, texts));
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
    if (station.locked && $("tile-code").textContent === code) {
      $("tile-next").textContent = found.text;
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
  else if (name === "left") $("left-panel").open = true;
}

// A barcode never signs: it may hang on a stranger's envelope. It only asks the person to.
function askToSign() {
  if ($("commit").disabled) return;
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

// What is not there was read off nothing.
const mayUse = (lines) => station.keyIns.refresh(
  lines.filter((line) => line.status === "ready" && line.reason !== "not_present"), (line) => placeOf(session, desk, line.nonce),
);

async function commit(chosen = null) {
  await asking;
  const lines = chosen ?? session.lines.filter((line) => line.status === "ready");
  if (station.working || lines.length === 0 || !await mayUse(lines)) return;
  await station.work(async () => {
    if (session.mode === "handin") view.agreed(lines, setup.nameOf("from-unit"), texts);
    const attested = await attest(session, lines, desk, { witnesses, givers });
    if (attested === null) return;
    const records = await sign(session, lines, desk, { key: station.key, log: station.log, attested });
    const sent = new Set(lines.map((line) => line.code));
    session.lines = session.lines.filter((line) => !sent.has(line.code));
    if (session.mode === "take") session.nonce = "";
    keep();
    const results = await station.deliver(records);
    if (results) conclude(results);
    await refresh();
  });
  if (!station.locked) station.entry.focus();
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
  if (station.working || station.locked || isFilling() || document.visibilityState !== "visible") return;
  if (!await station.tick()) await refresh();
}

function setMode(mode) {
  session = emptySession(mode, root);
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
    session.lines.push(absentOf(row.dataset.code, offer.nonce));
  }
  keep();
  station.entry.focus();
}

function onListChange(event) {
  const line = session.lines.find((one) => one.code === event.target.closest("[data-code]")?.dataset.code);
  if (!line) return;
  const question = event.target.dataset.check;
  if (question) {
    tickOff(line, question, event.target.value);
    keep();
    if (!view.leadOn(line)) station.entry.focus();
    return;
  }
  if (event.target.matches("select")) {
    line.verdict = event.target.value ? "refuse" : "accept";
    line.reason = event.target.value;
  } else line.seal = rules.readSeal(event.target.value);
  keep();
  if (rules.sealFault(line) === "letters") signal("stop", "bad_seal", { code: line.code });
  station.entry.focus();
}

const witnesses = new Witness(root.dataset.witnessUrl, station.csrf, texts);
const givers = $("giver") && new Witness(root.dataset.giverUrl, station.csrf, texts, "giver");
const setup = new Setup(root, texts, {
  changed: () => {
    keep();
    idle();
    if (rules.missingContext(session) === null) station.entry.focus();
  },
  current: () => session,
});
const screen = new Halt((code) => {
  const line = session.lines.find((one) => one.code === code && one.status === "problem" && one.recordable);
  acknowledge();
  // Whoever says so has met the code: the scan is signed and sent, so that its refusal is in the log.
  apart.add(code);
  if (line && station.key) commit([line]);
});
$("commit").addEventListener("click", () => commit());
$("undo").addEventListener("click", undo);
$("lines").addEventListener("click", onListClick);
$("lines").addEventListener("change", onListChange);
$("left-list").addEventListener("click", onListClick);
$("sound").addEventListener("click", () => {
  for (const [index, name] of ["ok", "warning", "stop"].entries()) setTimeout(() => play(name), index * 900);
});
$("offers").addEventListener("click", (event) => {
  const nonce = event.target.closest("[data-nonce]")?.dataset.nonce;
  if (!nonce || session.lines.length > 0) return;
  session.nonce = nonce;
  keep();
  idle();
  station.entry.focus();
});
for (const tab of document.querySelectorAll("[data-mode]:not(#station)")) {
  tab.addEventListener("click", () => {
    if (tab.dataset.mode === session.mode) return;
    if (session.lines.length > 0) signal("stop", "finish_first");
    else setMode(tab.dataset.mode);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && !$("commit").disabled) {
    // Right behind other keys it comes from a barcode, not from a hand.
    if (station.entry.isQuiet(event)) commit();
  }
  else if (event.altKey && ["1", "2", "3", "4", "5"].includes(event.key)) {
    event.preventDefault();
    document.querySelectorAll("[data-mode]:not(#station)")[Number(event.key) - 1]?.click();
  }
});
station.every(tick);

await station.findKey();
if (root.dataset.startMode && session.lines.length === 0 && session.mode !== root.dataset.startMode) setMode(root.dataset.startMode);
draw();
idle();
station.entry.focus();
await refresh();
idle();
await station.open();

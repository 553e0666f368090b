// Runs the station of a leg: read everything aboard and leave, or say at the end of what is left whether it is
// still there. It must never send anything unsigned, nor keep a password.
import { signAct } from "./bag_sign.js";
import { Witness } from "./bag_witness.js";
import * as device from "./device.js";
import { newNonce } from "./evidence.js";
import { KeyIn } from "./key_in.js";
import { ScanEntry } from "./scan_entry.js";
import { Outbox } from "./scan_outbox.js";
import { play } from "./signals.js";
import * as store from "./store.js";
import { sync, tile } from "./scan_view.js";

const $ = (id) => document.getElementById(id);
const root = $("legstation");
const texts = JSON.parse(root.dataset.texts);
const user = Number(root.dataset.user);
const csrf = document.body.dataset.csrf;
const departing = root.dataset.kind === "depart";
const expected = JSON.parse(root.dataset.expected);
const aboard = new Set(JSON.parse(root.dataset.aboard));
const saved = `kt1-leg-${user}-${root.dataset.leg}-${root.dataset.kind}`;
document.body.dataset.station = "yes";

let lines = load();
let key = null;
let locked = false;
let working = false;

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(saved));
    if (Array.isArray(kept)) return kept.filter((line) => expected.includes(line.code));
  } catch { /* A damaged list is read again. */ }
  return [];
}

function keep() {
  localStorage.setItem(saved, JSON.stringify(lines));
  draw();
}

const find = (code) => lines.find((line) => line.code === code);

function draw() {
  const left = expected.filter((code) => !find(code));
  $("count-done").textContent = lines.length;
  $("count-left").textContent = left.length;
  $("commit").disabled = working || !key || left.length > 0;
  $("lines").replaceChildren(...[...left, ...lines.map((line) => line.code)].map(row));
}

function row(code) {
  const line = find(code);
  const node = $("line-template").content.firstElementChild.cloneNode(true);
  node.dataset.code = code;
  node.querySelector("[data-slot=code]").textContent = code;
  const state = node.querySelector("[data-slot=state]");
  state.hidden = !line;
  state.textContent = line ? texts[line.mark || "word_ok"] : "";
  state.className = `tag ms-auto ${line ? { missing: "bad", kept: "warn" }[line.mark] ?? "ok" : ""}`;
  const button = node.querySelector("[data-act=missing]");
  if (button) button.hidden = line?.mark === "missing";
  return node;
}

function signal(kind, word, { code = "", next = "" } = {}) {
  tile(kind, { word, code, next, locked: kind === "stop" });
  play(kind);
  locked = kind === "stop";
}

function hint() {
  if (departing) return texts[lines.length === expected.length ? "say_all" : "say_depart"];
  if (expected.length === 0) return texts.say_arrive_none;
  return texts[lines.length === expected.length ? "say_named" : "say_arrive"];
}

function idle() {
  locked = false;
  tile("idle", { word: texts.word_idle, code: "", next: hint() });
  entry.clear();
  entry.focus();
}

async function accept(reading) {
  if (reading.kind === "command") {
    if (reading.command === "undo" && lines.pop()) keep();
    return;
  }
  if (reading.kind !== "code") {
    signal("stop", texts.word_stop, { code: reading.shown, next: texts[`say_bad_${reading.reason ?? "format"}`] });
    return;
  }
  const { code, raw, entry: mode } = reading;
  if (!expected.includes(code)) {
    const next = aboard.has(code) ? texts.say_taken_over : texts.say_not_aboard;
    signal(aboard.has(code) ? "warning" : "stop", aboard.has(code) ? texts.word_warning : texts.word_stop, { code, next });
    return;
  }
  const keyed = await keyIns.behind(reading, root.dataset.place);
  if (keyed === null) {
    idle();
    return;
  }
  lines = lines.filter((line) => line.code !== code);
  lines.push({ code, raw, entry: mode, keyed, mark: departing ? "" : "kept" });
  keep();
  signal("ok", texts.word_ok, { code, next: lines.length === expected.length ? hint() : texts.say_aboard });
}

function callMissing(event) {
  if (!event.target.closest("[data-act=missing]")) return;
  const code = event.target.closest("[data-code]").dataset.code;
  lines = lines.filter((line) => line.code !== code);
  lines.push({ code, raw: code, entry: "typed", mark: "missing" });
  keep();
  idle();
}

async function commit() {
  if ($("commit").disabled || working) return;
  // What is called missing was seen by nobody: only what is there rests on a second reading.
  const there = lines.filter((line) => line.mark !== "missing");
  if (!await keyIns.refresh(there, () => root.dataset.place)) return;
  working = true;
  draw();
  try {
    const nonce = newNonce();
    const asked = departing && root.dataset.escort === "yes";
    const escort = asked ? await witnesses.ask({ nonce, subject: root.dataset.leg }) : null;
    if (asked && !escort) return;
    const act = {
      kind: root.dataset.kind, subject: root.dataset.leg, entry: "typed", witness: escort?.witness ?? null,
      facts: departing ? { vehicle: root.dataset.vehicle } : {}, lines,
    };
    const record = await signAct(act, { key, log: root.dataset.log, user, place: root.dataset.place, nonce });
    conclude(await outbox.deliver(outbox.waiting > 0 ? await store.listQueued(user) : [record]));
  } finally {
    working = false;
    draw();
  }
}

function conclude(results) {
  if (!results) return;
  const failed = results.find((result) => result.message);
  const refused = results.flatMap((result) => result.lines ?? []).filter((line) => line.outcome === "refused");
  const told = refused.find((line) => line.code !== root.dataset.leg) ?? refused[0];
  if (failed) signal("stop", texts.word_stop, { next: failed.message });
  else if (told) signal("stop", texts.word_stop, { code: told.code, next: told.text });
  else {
    localStorage.removeItem(saved);
    location.assign(root.dataset.doneUrl);
  }
}

async function retry({ rejected = false, quiet = false } = {}) {
  if (working) return;
  working = true;
  try {
    const waiting = await (rejected ? store.listRejected(user) : store.listQueued(user));
    if (waiting.length > 0) conclude(await outbox.deliver(waiting, { quiet }));
  } finally {
    working = false;
    draw();
  }
}

const witnesses = new Witness(root.dataset.witnessUrl, csrf, texts);
const outbox = new Outbox(texts, {
  target: { url: root.dataset.submitUrl, csrf }, user, retry,
  failed: (message) => signal("stop", texts.word_stop, { next: message }),
});
const keyIns = new KeyIn(texts, {
  witnessUrl: root.dataset.witnessUrl, csrf, user, log: root.dataset.log, key: () => key,
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
$("tile-ack").addEventListener("click", idle);
$("commit").addEventListener("click", commit);
$("lines").addEventListener("click", callMissing);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && locked) idle();
});
window.addEventListener("beforeunload", (event) => {
  if (outbox.size > 0) event.preventDefault();
});
window.addEventListener("online", () => retry({ quiet: true }));

key = device.supported() ? await device.find(user) : null;
$("no-key").hidden = Boolean(key);
draw();
idle();
await outbox.show();
if (outbox.size > 0) sync("waiting", texts.sync_waiting);
else sync("saved", texts.sync_saved);
root.dataset.ready = "yes";

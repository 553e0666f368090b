// Runs the counting station of a shift: scan everything in hand, sign, send. It is never told what is expected,
// so it cannot show it; it must never send anything unsigned.
import { signAct } from "./bag_sign.js";
import * as device from "./device.js";
import { KeyIn, isTyped } from "./key_in.js";
import { MAX_LINES, newNonce } from "./evidence.js";
import { ScanEntry } from "./scan_entry.js";
import { Outbox } from "./scan_outbox.js";
import { play } from "./signals.js";
import * as store from "./store.js";
import { format, sync, tile } from "./scan_view.js";

const $ = (id) => document.getElementById(id);
const root = $("countstation");
const texts = JSON.parse(root.dataset.texts);
const user = Number(root.dataset.user);
const saved = `kt1-count-${user}-${root.dataset.shift}`;
document.body.dataset.station = "yes";

let lines = load();
let key = null;
let locked = false;
let working = false;

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(saved));
    if (Array.isArray(kept)) return kept;
  } catch { /* A damaged list is counted again. */ }
  return [];
}

function keep() {
  localStorage.setItem(saved, JSON.stringify(lines));
  draw();
}

function draw() {
  $("count-done").textContent = lines.length;
  $("commit").disabled = working || !key;
  $("commit-text").textContent = format(texts.sign_count, { count: lines.length });
  $("lines").replaceChildren(...[...lines].reverse().map((line) => {
    const row = $("line-template").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-slot=code]").textContent = line.code;
    row.querySelector("[data-slot=entry]").textContent = texts.typed;
    row.querySelector("[data-slot=entry]").hidden = !isTyped(line);
    return row;
  }));
}

function signal(kind, word, { code = "", next = "" } = {}) {
  tile(kind, { word, code, next, locked: kind === "stop" });
  play(kind);
  locked = kind === "stop";
}

function idle() {
  locked = false;
  tile("idle", { word: texts.word_idle, code: "", next: texts.say_do_count });
  entry.clear();
  entry.focus();
}

async function accept(reading) {
  if (reading.kind === "command") {
    if (reading.command === "undo") undo();
    return;
  }
  if (reading.kind !== "code") {
    signal("stop", texts.word_stop, { code: reading.shown, next: texts[`say_bad_${reading.reason ?? "format"}`] });
    return;
  }
  if (lines.some((line) => line.code === reading.code)) {
    signal("warning", texts.word_already, { code: reading.code, next: texts.say_already });
    return;
  }
  const keyed = await keyIns.behind(reading, root.dataset.place);
  if (keyed === null) {
    idle();
    return;
  }
  lines.push({ code: reading.code, raw: reading.raw, entry: reading.entry, keyed });
  keep();
  signal("ok", texts.word_ok, { code: reading.code, next: texts.say_counted });
}

function undo() {
  const removed = lines.pop();
  if (!removed) return;
  keep();
  signal("warning", texts.word_removed, { code: removed.code, next: texts.say_removed });
}

// One statement holds so many lines; a longer count comes in parts, all signed before the first is sent.
async function commit() {
  if ($("commit").disabled || working || !await keyIns.refresh(lines, () => root.dataset.place)) return;
  working = true;
  draw();
  try {
    const records = [];
    const parts = Math.max(1, Math.ceil(lines.length / MAX_LINES));
    for (let part = 1; part <= parts; part += 1) {
      const act = {
        kind: "count", subject: root.dataset.shift, entry: "typed",
        facts: { part, last: part === parts ? "yes" : "no" }, lines: lines.slice((part - 1) * MAX_LINES, part * MAX_LINES),
      };
      records.push(await signAct(act, { key, log: root.dataset.log, user, place: root.dataset.place, nonce: newNonce() }));
    }
    lines = [];
    keep();
    conclude(await outbox.deliver(outbox.waiting > 0 ? await store.listQueued(user) : records));
  } finally {
    working = false;
    draw();
  }
}

function conclude(results) {
  if (!results) return;
  const failed = results.find((result) => result.message);
  const refused = results.map((result) => result.lines?.[0]).find((line) => line?.outcome === "refused");
  if (failed) signal("stop", texts.word_stop, { next: failed.message });
  else if (refused) signal("stop", texts.word_stop, { code: refused.code, next: refused.text });
  else location.assign(root.dataset.doneUrl);
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

const outbox = new Outbox(texts, {
  target: { url: root.dataset.submitUrl, csrf: document.body.dataset.csrf }, user, retry,
  failed: (message) => signal("stop", texts.word_stop, { next: message }),
});
const keyIns = new KeyIn(texts, {
  witnessUrl: root.dataset.witnessUrl, csrf: document.body.dataset.csrf, user, log: root.dataset.log, key: () => key,
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
$("undo").addEventListener("click", undo);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && locked) idle();
});
window.addEventListener("beforeunload", (event) => {
  if (lines.length > 0 || outbox.size > 0) event.preventDefault();
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

// Signs the offers of a relief: the counted list, so many lines a statement, to the successor by name. It must
// never sign a line twice: while a signed list still waits in this browser, it only sends.
import * as device from "./device.js";
import { MAX_LINES } from "./evidence.js";
import { Outbox } from "./scan_outbox.js";
import { sign } from "./scan_send.js";
import { play } from "./signals.js";
import * as store from "./store.js";
import { sync, tile } from "./scan_view.js";

const $ = (id) => document.getElementById(id);
const root = $("relief");
const texts = JSON.parse(root.dataset.texts);
const codes = JSON.parse(root.dataset.lines);
const user = Number(root.dataset.user);
const session = {
  mode: "offer", purpose: "transfer", place: root.dataset.place, toUnit: root.dataset.place,
  toUser: Number(root.dataset.successor),
};

let key = null;
let working = false;

function draw() {
  $("commit").disabled = working || !key || (codes.length === 0 && outbox.waiting === 0);
}

function stop(text) {
  tile("stop", { word: texts.word_stop, code: "", next: text || texts.say_relief_failed, locked: true });
  play("stop");
}

async function signAll() {
  const desk = { me: { user, unit_code: root.dataset.place }, incoming: [], outgoing: [] };
  // As they were read at the count; what was keyed in there is not among them.
  const lines = codes.map((code) => ({ code, raw: code, entry: "scan" }));
  for (let start = 0; start < lines.length; start += MAX_LINES) {
    await sign(session, lines.slice(start, start + MAX_LINES), desk, { key, log: root.dataset.log });
  }
}

async function commit({ quiet = false } = {}) {
  if (working || !key) return;
  working = true;
  draw();
  try {
    if (outbox.waiting === 0) await signAll();
    conclude(await outbox.deliver(await store.listQueued(user), { quiet }));
  } finally {
    working = false;
    draw();
  }
}

function conclude(results) {
  if (!results) return;
  const failed = results.find((result) => result.message);
  const refused = results.flatMap((result) => result.lines ?? []).find((line) => line.outcome === "refused");
  if (failed) stop(failed.message);
  else if (refused) stop(`${refused.code}: ${refused.text}`);
  else location.reload();
}

const outbox = new Outbox(texts, {
  target: { url: root.dataset.submitUrl, csrf: document.body.dataset.csrf }, user,
  retry: () => commit(), failed: stop,
});
$("commit").addEventListener("click", () => commit());
$("tile-ack").addEventListener("click", () => location.reload());

key = device.supported() ? await device.find(user) : null;
$("no-key").hidden = Boolean(key);
await outbox.show();
draw();
if (outbox.size > 0) sync("waiting", texts.sync_waiting);
else sync("saved", texts.sync_saved);
root.dataset.ready = "yes";

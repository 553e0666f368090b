// Runs the counting station of a shift: scan everything in hand, sign, send. It is never told what is expected,
// so it cannot show it; it must never send anything unsigned.
import { signAct } from "./bag_sign.js";
import { MAX_LINES, newNonce } from "./evidence.js";
import { isTyped } from "./key_in.js";
import { format, sync } from "./scan_view.js";
import { $, KeptLines, Station } from "./station.js";

const station = new Station("countstation", {
  accept, draw, conclude,
  idle: () => station.wait(texts.say_do_count),
  failed: (message) => station.signal("stop", texts.word_stop, { next: message }),
  unsigned: () => lines.length,
});
const { root, texts, user } = station;
const kept = new KeptLines(`kt1-count-${user}-${root.dataset.shift}`);
let lines = kept.load();

function keep() {
  kept.save(lines);
  draw();
}

function draw() {
  $("count-done").textContent = lines.length;
  $("commit").disabled = station.working || !station.key;
  $("commit-text").textContent = format(texts.sign_count, { count: lines.length });
  $("lines").replaceChildren(...[...lines].reverse().map((line) => {
    const row = $("line-template").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-slot=code]").textContent = line.code;
    row.querySelector("[data-slot=entry]").textContent = texts.typed;
    row.querySelector("[data-slot=entry]").hidden = !isTyped(line);
    return row;
  }));
}

async function accept(reading) {
  if (reading.kind === "command") {
    if (reading.command === "undo") undo();
    return;
  }
  if (reading.kind !== "code") {
    station.signal("stop", texts.word_stop, { code: reading.shown, next: texts[`say_bad_${reading.reason ?? "format"}`] });
    return;
  }
  if (lines.some((line) => line.code === reading.code)) {
    station.signal("warning", texts.word_already, { code: reading.code, next: texts.say_already });
    return;
  }
  const keyed = await station.keyIns.behind(reading, root.dataset.place);
  if (keyed === null) {
    station.page.idle();
    return;
  }
  lines.push({ code: reading.code, raw: reading.raw, entry: reading.entry, keyed });
  keep();
  station.signal("ok", texts.word_ok, { code: reading.code, next: texts.say_counted });
}

function undo() {
  const removed = lines.pop();
  if (!removed) return;
  keep();
  station.signal("warning", texts.word_removed, { code: removed.code, next: texts.say_removed });
}

// One statement holds so many lines; a longer count comes in parts, all signed before the first is sent.
async function sign() {
  const records = [];
  const parts = Math.max(1, Math.ceil(lines.length / MAX_LINES));
  for (let part = 1; part <= parts; part += 1) {
    const act = {
      kind: "count", subject: root.dataset.shift, entry: "typed",
      facts: { part, last: part === parts ? "yes" : "no" }, lines: lines.slice((part - 1) * MAX_LINES, part * MAX_LINES),
    };
    const { key, log } = station;
    records.push(await signAct(act, { key, log, user, place: root.dataset.place, nonce: newNonce() }));
  }
  return records;
}

async function commit() {
  if ($("commit").disabled || station.working || !await station.keyIns.refresh(lines, () => root.dataset.place)) return;
  await station.work(async () => {
    const records = await sign();
    lines = [];
    keep();
    conclude(await station.deliver(records));
  });
}

function conclude(results) {
  if (!results) return;
  const failed = results.find((result) => result.message);
  const refused = results.map((result) => result.lines?.[0]).find((line) => line?.outcome === "refused");
  if (failed) station.signal("stop", texts.word_stop, { next: failed.message });
  else if (refused) station.signal("stop", texts.word_stop, { code: refused.code, next: refused.text });
  else location.assign(root.dataset.doneUrl);
}

$("commit").addEventListener("click", commit);
$("undo").addEventListener("click", undo);

await station.findKey();
draw();
station.page.idle();
await station.open();
if (station.outbox.size > 0) sync("waiting", texts.sync_waiting);
else sync("saved", texts.sync_saved);

// Runs the station of a leg: read everything aboard and leave, or say at the end of what is left whether it is
// still there. It must never send anything unsigned, nor keep a password.
import { signAct } from "./bag_sign.js";
import { Witness } from "./bag_witness.js";
import { newNonce } from "./evidence.js";
import { sync } from "./scan_view.js";
import { $, KeptLines, Station } from "./station.js";

const station = new Station("legstation", {
  accept, draw, conclude,
  idle: () => station.wait(hint()),
  failed: (message) => station.signal("stop", texts.word_stop, { next: message }),
});
const { root, texts, user, csrf } = station;
const witnesses = new Witness(root.dataset.witnessUrl, csrf, texts);
const departing = root.dataset.kind === "depart";
const expected = JSON.parse(root.dataset.expected);
const aboard = new Set(JSON.parse(root.dataset.aboard));
const kept = new KeptLines(`kt1-leg-${user}-${root.dataset.leg}-${root.dataset.kind}`);
let lines = kept.load().filter((line) => expected.includes(line.code));

function keep() {
  kept.save(lines);
  draw();
}

const find = (code) => lines.find((line) => line.code === code);

function draw() {
  const left = expected.filter((code) => !find(code));
  $("count-done").textContent = lines.length;
  $("count-left").textContent = left.length;
  $("commit").disabled = station.working || !station.key || left.length > 0;
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

function hint() {
  if (departing) return texts[lines.length === expected.length ? "say_all" : "say_depart"];
  if (expected.length === 0) return texts.say_arrive_none;
  return texts[lines.length === expected.length ? "say_named" : "say_arrive"];
}

async function accept(reading) {
  if (reading.kind === "command") {
    if (reading.command === "undo" && lines.pop()) keep();
    return;
  }
  if (reading.kind !== "code") {
    station.signal("stop", texts.word_stop, { code: reading.shown, next: texts[`say_bad_${reading.reason ?? "format"}`] });
    return;
  }
  const { code, raw, entry: mode } = reading;
  if (!expected.includes(code)) {
    const next = aboard.has(code) ? texts.say_taken_over : texts.say_not_aboard;
    station.signal(aboard.has(code) ? "warning" : "stop", aboard.has(code) ? texts.word_warning : texts.word_stop, { code, next });
    return;
  }
  const keyed = await station.keyIns.behind(reading, root.dataset.place);
  if (keyed === null) {
    station.page.idle();
    return;
  }
  lines = lines.filter((line) => line.code !== code);
  lines.push({ code, raw, entry: mode, keyed, mark: departing ? "" : "kept" });
  keep();
  station.signal("ok", texts.word_ok, { code, next: lines.length === expected.length ? hint() : texts.say_aboard });
}

function callMissing(event) {
  if (!event.target.closest("[data-act=missing]")) return;
  const code = event.target.closest("[data-code]").dataset.code;
  lines = lines.filter((line) => line.code !== code);
  lines.push({ code, raw: code, entry: "typed", mark: "missing" });
  keep();
  station.page.idle();
}

async function commit() {
  if ($("commit").disabled || station.working) return;
  // What is called missing was seen by nobody: only what is there rests on a second reading.
  const there = lines.filter((line) => line.mark !== "missing");
  if (!await station.keyIns.refresh(there, () => root.dataset.place)) return;
  await station.work(async () => {
    const nonce = newNonce();
    const asked = departing && root.dataset.escort === "yes";
    const escort = asked ? await witnesses.ask({ nonce, subject: root.dataset.leg }) : null;
    if (asked && !escort) return;
    const act = {
      kind: root.dataset.kind, subject: root.dataset.leg, entry: "typed", witness: escort?.witness ?? null,
      facts: departing ? { vehicle: root.dataset.vehicle } : {}, lines,
    };
    const { key, log } = station;
    const record = await signAct(act, { key, log, user, place: root.dataset.place, nonce });
    conclude(await station.deliver([record]));
  });
}

function conclude(results) {
  if (!results) return;
  const failed = results.find((result) => result.message);
  const refused = results.flatMap((result) => result.lines ?? []).filter((line) => line.outcome === "refused");
  const told = refused.find((line) => line.code !== root.dataset.leg) ?? refused[0];
  if (failed) station.signal("stop", texts.word_stop, { next: failed.message });
  else if (told) station.signal("stop", texts.word_stop, { code: told.code, next: told.text });
  else {
    kept.drop();
    location.assign(root.dataset.doneUrl);
  }
}

$("commit").addEventListener("click", commit);
$("lines").addEventListener("click", callMissing);

await station.findKey();
draw();
station.page.idle();
await station.open();
if (station.outbox.size > 0) sync("waiting", texts.sync_waiting);
else sync("saved", texts.sync_saved);

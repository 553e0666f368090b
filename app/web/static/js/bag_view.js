// Draws the bag station. It must never build markup from text: every scanned byte is hostile.
import { FIELDS, LIST_TASKS, bagFault } from "./bag_rules.js";
import { format } from "./scan_view.js";

const $ = (id) => document.getElementById(id);
const clone = (id) => $(id).content.firstElementChild.cloneNode(true);
const fill = (node, slot, text) => { node.querySelector(`[data-slot=${slot}]`).textContent = text; };

export function tasks(session) {
  for (const tab of document.querySelectorAll("button[data-task]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.task === session.task));
  }
  for (const field of document.querySelectorAll("[data-field]")) {
    field.hidden = !FIELDS[session.task].includes(field.dataset.field);
  }
  const isList = LIST_TASKS.includes(session.task);
  $("fields").hidden = isList;
  $("list-part").hidden = !isList;
  $("list-numbers").hidden = !isList;
}

export function bag(session, found, texts) {
  $("bag-none").hidden = Boolean(found);
  $("bag-facts").hidden = !found;
  if (!found) return;
  const fault = bagFault(session.task, found);
  $("bag-code").textContent = found.code;
  $("bag-state").textContent = found.state_text;
  $("bag-way").textContent = `${found.from} → ${found.to}`;
  $("bag-asset").textContent = format(texts.bag_asset, { asset: found.asset });
  $("bag-dispatch").textContent = found.dispatch ? format(texts.bag_dispatch, { dispatch: found.dispatch }) : "";
  $("bag-inside").textContent = found.contents ? format(texts.bag_inside, { count: found.pieces }) : "";
  $("bag-page").href = found.url;
  $("bag-fault").textContent = fault ? texts[`say_${fault}`] : "";
  $("bag-fault").hidden = !fault;
}

export function numbers(done, left, excess) {
  $("count-done").textContent = done;
  $("count-left").textContent = left;
  $("count-excess").textContent = excess;
  $("excess-box").classList.toggle("bad", excess > 0);
}

export function lineItem(line, session, texts) {
  const row = clone("line-template");
  row.dataset.code = line.code;
  row.classList.toggle("problem", ["excess", "missing", "damaged", "seal_differs", "missent"].includes(line.mark));
  fill(row, "code", line.code);
  const isTyped = line.entry === "typed" && line.mark !== "missing";
  fill(row, "entry", isTyped ? texts.typed : "");
  row.querySelector("[data-slot=entry]").hidden = !isTyped;
  row.querySelector("[data-act=remove]").setAttribute("aria-label", format(texts.remove_line, { code: line.code }));
  const select = row.querySelector("select");
  select.hidden = session.task !== "answer";
  select.setAttribute("aria-label", format(texts.mark_line, { code: line.code }));
  select.value = line.mark;
  // What no manifest names can only be excess; what it names never is.
  for (const option of select.options) option.disabled = (option.value === "excess") !== (line.mark === "excess");
  return row;
}

export function lines(session, texts) {
  $("lines").replaceChildren(...[...session.lines].reverse().map((line) => lineItem(line, session, texts)));
  $("no-lines").hidden = session.lines.length > 0;
}

export function left(codes, session, texts) {
  $("left-list").replaceChildren(...codes.map((code) => {
    const row = clone("left-template");
    fill(row, "code", code);
    row.dataset.code = code;
    const absent = row.querySelector("[data-act=absent]");
    absent.hidden = session.task !== "answer";
    absent.setAttribute("aria-label", format(texts.absent_line, { code }));
    return row;
  }));
  $("no-left").hidden = codes.length > 0;
}

export function faults(found, texts) {
  for (const [name, fault] of Object.entries(found)) {
    $(`${name}-fault`).textContent = fault ? texts[`say_field_${fault}`] : "";
    $(name).setAttribute("aria-invalid", String(Boolean(fault)));
  }
}

// Draws the scan station. It must never build markup from text: every scanned byte is hostile, so nodes
// are cloned from templates and filled with textContent.
import { checkFault, nextQuestion } from "./scan_check.js";
import { isTaking, sealFault } from "./scan_rules.js";

const $ = (id) => document.getElementById(id);
const clone = (id) => $(id).content.firstElementChild.cloneNode(true);
const fill = (node, slot, text) => { node.querySelector(`[data-slot=${slot}]`).textContent = text; };

export function format(text, values = {}) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function tile(signal, { word, code, next, locked = false }) {
  const box = $("tile");
  box.className = `tile ${signal}`;
  for (const icon of box.querySelectorAll("[data-icon]")) icon.toggleAttribute("hidden", icon.dataset.icon !== signal);
  $("tile-word").textContent = word;
  $("tile-code").textContent = code;
  $("tile-next").textContent = next;
  $("tile-ack").hidden = !locked;
  void box.offsetWidth;
  box.classList.add("flash");
}

export function sync(state, text) {
  $("sync").className = `sync ${state}`;
  $("sync-text").textContent = text;
}

export function counts({ done, expected, left, problems }) {
  $("count-done").textContent = done;
  $("count-expected").textContent = expected;
  $("count-left").textContent = left.length;
  $("count-problems").textContent = problems;
  $("problems-box").classList.toggle("bad", problems > 0);
}

const needs = (item, asked, texts) => asked
  .filter((demand) => item?.demands?.includes(demand)).map((demand) => texts[`need_${demand}`]).join(" ");

export function lineItem(line, item, session, texts) {
  const row = clone("line-template");
  row.dataset.code = line.code;
  row.className = `line ${line.status}`;
  fill(row, "code", line.code);
  fill(row, "from", item?.to ? `${item.from ?? ""} → ${item.to}` : "");
  fill(row, "mark", item?.mark && item.mark !== "none" ? item.mark : "");
  row.querySelector("[data-slot=mark]").hidden = !item?.mark || item.mark === "none";
  fill(row, "kind", item?.bag ? texts.bag : "");
  fill(row, "entry", line.entry === "typed" ? texts.typed : "");
  row.querySelector("[data-slot=entry]").hidden = line.entry !== "typed";
  fill(row, "note", line.note ?? "");
  // What is on the list is proven already; who stands by is asked for when it is signed.
  fill(row, "needs", isTaking(session) && line.verdict === "accept" ? needs(item, ["witness"], texts) : "");
  for (const icon of row.querySelectorAll("[data-icon]")) icon.toggleAttribute("hidden", icon.dataset.icon !== line.status);
  const editable = line.status === "ready" || line.status === "problem";
  row.querySelector("[data-act=remove]").hidden = !editable;
  row.querySelector("[data-act=remove]").setAttribute("aria-label", format(texts.remove_line, { code: line.code }));
  row.querySelector("[data-act=record]").hidden = line.status !== "problem" || !line.recordable;
  const refusal = row.querySelector("[data-slot=refusal]");
  refusal.hidden = !isTaking(session) || line.status !== "ready";
  const select = refusal.querySelector("select");
  select.value = line.verdict === "refuse" ? line.reason : "";
  select.setAttribute("aria-label", format(texts.refuse_line, { code: line.code }));
  const seal = refusal.querySelector("input[data-seal]");
  seal.parentElement.hidden = !item?.sealed;
  seal.value = line.seal ?? "";
  const fault = refusal.hidden || seal.parentElement.hidden ? "" : sealFault(line);
  fill(row, "seal-fault", fault ? texts[`say_seal_${fault}`] : "");
  seal.setAttribute("aria-invalid", String(fault === "letters"));
  checklist(row, line, texts);
  return row;
}

// The questions of the receiving checklist, nothing chosen before a hand has.
function checklist(row, line, texts) {
  const box = row.querySelector("[data-slot=checklist]");
  if (!line.check || line.status !== "ready") return box.remove();
  for (const input of box.querySelectorAll("input[data-check]")) {
    const name = input.dataset.check;
    if (input.type === "radio") {
      input.name = `check-${name}-${line.code}`;
      input.checked = String(line.check[name]) === input.value;
    } else input.value = line.check.pieces || "";
  }
  for (const group of box.querySelectorAll("[data-question]")) {
    const legend = group.querySelector("legend").textContent;
    group.setAttribute("aria-label", `${legend} · ${line.code}`);
    group.classList.toggle("open", group.dataset.question === nextQuestion(line));
  }
  const fault = checkFault(line);
  box.classList.toggle("differs", fault === "differs");
  fill(box, "check-fault", fault ? texts[`say_check_${fault}`] : "");
  return undefined;
}

export function unchecked(count, texts) {
  $("commit-why").hidden = count === 0;
  $("commit-why").textContent = format(texts.unchecked, { count });
}

// Lead on: to the line's next question, or back to where the next label is scanned.
export function leadOn(line) {
  const name = nextQuestion(line);
  const row = name && [...document.querySelectorAll("#lines [data-code]")].find((one) => one.dataset.code === line.code);
  const input = row && row.querySelector(`[data-question=${name}] input`);
  if (input) input.focus();
  return Boolean(input);
}

export function list(lines, build) {
  $("lines").replaceChildren(...lines.map(build));
  $("no-lines").hidden = lines.length > 0;
}

export function left(items, texts) {
  $("left-list").replaceChildren(...items.map((item) => {
    const { code, to, mode } = item;
    const row = clone("left-template");
    fill(row, "needs", mode === "take" ? needs(item, ["possession", "witness"], texts) : "");
    fill(row, "code", code);
    fill(row, "to", to ?? "");
    row.dataset.code = code;
    row.querySelector("[data-act=absent]").hidden = mode !== "take";
    row.querySelector("[data-act=absent]").setAttribute("aria-label", format(texts.absent_line, { code }));
    return row;
  }));
  $("no-left").hidden = items.length > 0;
}

// The list that whoever hands in agrees to, before they type anything.
export function agreed(lines, unit, texts) {
  const taken = lines.filter((line) => line.verdict === "accept");
  $("giver-unit").textContent = unit;
  $("giver-count").textContent = format(texts.giver_count, { taken: taken.length, left: lines.length - taken.length });
  $("giver-list").replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.className = line.verdict === "accept" ? "accepted" : "refused";
    item.textContent = line.verdict === "accept" ? line.code : `${line.code} · ${texts.giver_left}`;
    return item;
  }));
}

export function offers(incoming, selected, texts) {
  $("offers").replaceChildren(...incoming.map((offer) => {
    const row = clone("offer-template");
    row.dataset.nonce = offer.nonce;
    row.setAttribute("aria-pressed", String(offer.nonce === selected));
    fill(row, "giver", offer.giver.name);
    fill(row, "detail", format(texts.offer_detail, { purpose: offer.purpose_text, place: offer.place.name, at: offer.at }));
    fill(row, "count", format(texts.offer_count, { count: offer.lines.length }));
    return row;
  }));
  $("no-offers").hidden = incoming.length > 0;
}

export function receipts(results, texts) {
  for (const result of results) {
    const row = clone("receipt-template");
    row.dataset.status = result.status;
    fill(row, "status", result.status_text);
    const link = row.querySelector("a");
    if (result.entry) {
      link.textContent = format(texts.entry, { index: result.entry.index });
      link.href = result.entry.url;
      fill(row, "hash", result.entry.hash);
    } else {
      link.hidden = true;
      fill(row, "hash", result.message ?? "");
    }
    fill(row, "notice", result.notice ?? "");
    const paper = row.querySelector("[data-slot=paper]");
    if (paper && result.paper) {
      paper.hidden = false;
      paper.href = result.paper;
    }
    const list = row.querySelector("ul");
    for (const line of result.lines ?? []) {
      const item = document.createElement("li");
      item.textContent = `${line.code} · ${line.text}`;
      item.className = line.outcome;
      list.append(item);
    }
    $("receipts").prepend(row);
  }
  $("receipts-panel").hidden = $("receipts").children.length === 0;
}

export function banner(count, texts) {
  $("unsent").hidden = count === 0;
  $("unsent-text").textContent = format(texts.unsent, { count });
}

// What every page shares: keyboard shortcuts, row selection, menus, dialogs, the error summary.
// It must never take a key from somebody who is typing.
import { forget } from "./leave.js";

const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

function selectRow(step) {
  const rows = [...document.querySelectorAll("table[data-rows] tbody tr")];
  if (rows.length === 0) return;
  const current = rows.findIndex((row) => row.classList.contains("at"));
  const next = Math.min(Math.max(current + step, 0), rows.length - 1);
  rows[current]?.classList.remove("at");
  rows[next].classList.add("at");
  rows[next].scrollIntoView({ block: "nearest" });
  rows[next].querySelector("a")?.focus();
}

function focusSearch() {
  const page = document.querySelector("main input[type=search]");
  const top = document.getElementById("quick");
  const visible = [page, top].find((input) => input && input.offsetParent !== null);
  if (visible) visible.focus();
  else document.getElementById("key-search")?.click();
}

function goBack() {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  document.querySelector("[data-back]")?.click();
}

const ACTIONS = {
  "/": focusSearch,
  n: () => document.getElementById("key-new")?.click(),
  g: () => document.getElementById("key-scan")?.click(),
  j: () => selectRow(1),
  k: () => selectRow(-1),
  "?": () => openDialog("shortcuts"),
  Escape: goBack,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || document.body.dataset.station) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) openDialog(opener.dataset.open);
  if (event.target.closest("[data-print]")) window.print();
  const row = event.target.closest("table[data-rows] tbody tr");
  if (row && !event.target.closest("a, button, input, label, summary")) row.querySelector("a")?.click();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A form is sent once: a second Enter while the first answer is under way must not register twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get" || "again" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// Logging out leaves no list of items behind; a browser that keeps nothing at all still logs out.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !("leave" in form.dataset)) return;
  event.preventDefault();
  try {
    await forget(Number(form.dataset.leave));
  } finally {
    form.submit();
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.querySelector("[data-focus]")?.focus();
// Every module of the page has run by now: a key or a click is answered from here on, and whoever drives the
// page can wait for that. Pages with more to prepare (scan, devices) say so on their own root.
document.addEventListener("DOMContentLoaded", () => { document.documentElement.dataset.ready = "yes"; });

// The first step of each scan job: place or taker first, then items. It must never choose on its own what
// a person is answerable for; it only offers what was chosen last.
import { enhance } from "./combo.js";

const $ = (id) => document.getElementById(id);

export class Setup {
  constructor(root, texts, { changed, current }) {
    this.texts = texts;
    this.lookup = root.dataset.lookupUrl;
    this.fixed = root.dataset.fixedPlace !== "";
    this.people = "";
    this.doubts = new Map();
    this.changed = changed;
    this.current = current;
    this.combos = enhance(root);
    $("place").addEventListener("change", () => this.set({ place: $("place").value }));
    $("to-unit").addEventListener("change", () => this.set({ toUnit: $("to-unit").value, toUser: null }));
    $("from-unit").addEventListener("change", () => this.set({ fromUnit: $("from-unit").value }));
    $("to-user").addEventListener("change", () => this.set({ toUser: Number($("to-user").value) || null }));
    $("reason").addEventListener("change", () => this.set({ reason: $("reason").value }));
    $("action").addEventListener("change", () => this.set({ action: $("action").value }));
    for (const radio of document.querySelectorAll("input[name=purpose]")) {
      // Another purpose is another unit: nothing chosen for the one may stand for the other.
      radio.addEventListener("change", () => this.set({ purpose: radio.value, toUnit: "", toUser: null }));
    }
  }

  set(values) {
    Object.assign(this.current(), values);
    this.changed();
  }

  // A unit card was scanned: it names the place first, then the taker's unit. Returns its name, or null.
  chooseUnit(session, unit) {
    const wanted = session.mode === "handin" && session.place !== "" ? "from-unit" : session.place === "" ? "place" : session.mode === "offer" && (session.purpose === "transfer" || session.counter) ? "to-unit" : "";
    const option = wanted && [...$(wanted).options].find((one) => one.value.toUpperCase() === unit);
    if (!option || session.lines.length > 0) return null;
    if (wanted === "place") session.place = option.value;
    else if (wanted === "from-unit") session.fromUnit = option.value;
    else Object.assign(session, { toUnit: option.value, toUser: null });
    return option.label;
  }

  draw(session) {
    const moving = session.mode === "offer" || session.mode === "attempt";
    $("setup-move").hidden = !moving;
    $("setup-handin").hidden = session.mode !== "handin";
    $("setup-take").hidden = session.mode !== "take";
    $("setup-recall").hidden = session.mode !== "recall";
    $("purpose-field").hidden = session.mode !== "offer";
    $("place-field").hidden = this.fixed;
    const counter = session.counter && session.purpose !== "transfer";
    $("taker-field").hidden = session.mode !== "offer" || (session.purpose !== "transfer" && !counter);
    $("to-user-field").hidden = counter;
    $("counter-note").hidden = !counter;
    $("attempt-field").hidden = session.mode !== "attempt";
    for (const tab of document.querySelectorAll("button[data-mode]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.mode === session.mode));
    }
    const locked = session.lines.length > 0;
    $("setup").disabled = locked;
    $("setup-locked").hidden = !locked;
    this.value("place", session.place);
    this.value("to-unit", session.toUnit);
    this.value("from-unit", session.fromUnit);
    this.value("reason", session.reason);
    this.value("action", session.action);
    for (const radio of document.querySelectorAll("input[name=purpose]")) radio.checked = radio.value === session.purpose;
    this.listPeople(session);
  }

  value(id, value) {
    $(id).value = value ?? "";
    this.combos.get(id)?.show();
  }

  nameOf(id) {
    return $(id).selectedOptions[0]?.label ?? "";
  }

  async listPeople(session) {
    const unit = session.toUnit;
    if (unit === this.people) {
      $("to-user").value = session.toUser ?? "";
      this.drawDoubt();
      return;
    }
    this.people = unit;
    this.doubts.clear();
    this.drawDoubt();
    $("to-user").replaceChildren($("to-user").options[0]);
    if (!unit) return;
    try {
      const response = await fetch(`${this.lookup}?${new URLSearchParams({ unit })}`, { headers: { Accept: "application/json" } });
      const { people } = await response.json();
      if (this.people !== unit) return;
      for (const person of people) {
        $("to-user").add(new Option(person.doubt ? `⚠ ${person.name}` : person.name, person.user));
        if (person.doubt) this.doubts.set(String(person.user), person.doubt);
      }
      $("to-user").value = this.current().toUser ?? "";
      this.drawDoubt();
    } catch {
      this.people = "";
    }
  }

  // The taker's card does not do: said before anything is offered; the rules say it again at the take.
  drawDoubt() {
    const doubt = this.doubts.get($("to-user").value) ?? "";
    $("to-user-doubt").textContent = doubt;
    $("to-user-doubt").hidden = doubt === "";
  }
}

// Asks for what a typed code must rest on: why it was typed, the code a second time with the first hidden, and
// a second reader where one is asked for. Signs that before anything may use it. It must never show the first
// reading, keep a password, or let a typed code pass without an answer.
import { signAct } from "./bag_sign.js";
import { read } from "./codes.js";
import { newNonce } from "./evidence.js";

const $ = (id) => document.getElementById(id);
// The server takes a key-in for a quarter of an hour; what is older is asked for again before it is signed.
const GOOD_MS = 13 * 60 * 1000;

export const isTyped = (reading) => reading.entry === "typed";

export const needsKeyIn = (reading, now = Date.now()) =>
  isTyped(reading) && !(reading.keyed && now - reading.keyed < GOOD_MS);

// Whether two readings name the same thing; "" when they do, else what is wrong with the second.
export function againFault(code, typed) {
  const second = read(typed);
  if (second.kind !== "code") return "unreadable";
  return second.code === code ? "" : "differs";
}

export class KeyIn {
  // `deliver` sends what waits and gives the results back, null without the network; `busy` is told when the
  // page must take nothing else, and when it may again.
  constructor(texts, { witnessUrl, csrf, user, log, key, deliver, busy }) {
    Object.assign(this, { texts, witnessUrl, csrf, user, log, key, deliver, busy });
    this.dialog = $("keyin");
    this.waiting = null;
    $("keyin-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm();
    });
    $("keyin-form").addEventListener("change", () => this.showForm());
    $("keyin-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.end(null));
  }

  // -> when the code was keyed in, for the line to keep; "" where it was scanned, null where the person gave up.
  async behind(reading, place) {
    if (!isTyped(reading)) return "";
    if (!this.key()) return null;
    this.busy(true);
    try {
      return await this.ask(reading, place);
    } finally {
      this.busy(false);
    }
  }

  // Asks again for what was keyed in too long ago; false where the person gave up.
  async refresh(readings, place) {
    for (const one of readings.filter((reading) => needsKeyIn(reading))) {
      one.keyed = await this.behind(one, place(one));
      if (one.keyed === null) return false;
    }
    return true;
  }

  ask({ code, raw }, place) {
    this.reading = { code, raw };
    this.place = place;
    $("keyin-form").reset();
    $("keyin-second").open = false;
    this.fail("");
    this.showForm();
    this.dialog.showModal();
    $("keyin-form").querySelector("input[name=reason]").focus();
    return new Promise((resolve) => { this.waiting = resolve; });
  }

  reason() {
    return $("keyin-form").querySelector("input[name=reason]:checked")?.value ?? "";
  }

  showForm() {
    $("keyin-paper").hidden = this.reason() !== "from_paper";
  }

  async confirm() {
    const again = $("keyin-again");
    if (!this.reason()) return this.fail(this.texts.keyin_no_reason);
    const fault = againFault(this.reading.code, again.value);
    if (fault) {
      again.value = "";
      return this.fail(this.texts[`keyin_${fault}`], again);
    }
    $("keyin-ok").disabled = true;
    try {
      return await this.send(read(again.value));
    } finally {
      $("keyin-ok").disabled = false;
    }
  }

  async send(second) {
    const nonce = newNonce();
    const witness = await this.attest(nonce);
    if (witness === undefined) return;
    const act = {
      kind: "key_in", subject: this.reading.raw, entry: "typed", witness,
      facts: { reason: this.reason(), again: second.raw, form: this.reason() === "from_paper" ? $("keyin-number").value.trim() : "" },
    };
    const record = await signAct(act, { key: this.key(), log: this.log, user: this.user, place: this.place, nonce });
    const results = await this.deliver();
    const result = results?.find((one) => one.scan === record.scan) ?? results?.at(-1);
    const line = result?.lines?.[0];
    if (result?.message) this.fail(result.message);
    else if (line?.outcome === "refused") this.refuse(line);
    else {
      this.end(Date.now());
      this.dialog.close();
    }
  }

  // -> the second reader's number, null where nobody was named, undefined where they were not let in.
  async attest(nonce) {
    const [name, password] = [$("keyin-name").value.trim(), $("keyin-password").value];
    $("keyin-password").value = "";
    if (!name) return null;
    try {
      const response = await fetch(this.witnessUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify({ nonce, subject: this.reading.code, username: name, password }),
        credentials: "same-origin",
        redirect: "error",
      });
      const found = await response.json();
      if (response.ok) return found.witness;
      this.fail(found.error.message, $("keyin-password"));
    } catch {
      this.fail(this.texts.keyin_offline, $("keyin-password"));
    }
    return undefined;
  }

  refuse(line) {
    if (line.refusal.startsWith("witness_")) $("keyin-second").open = true;
    this.fail(line.text, line.refusal.startsWith("witness_") ? $("keyin-name") : $("keyin-again"));
  }

  fail(message, field = null) {
    $("keyin-fault").textContent = message;
    field?.focus();
  }

  end(found) {
    $("keyin-again").value = "";
    $("keyin-password").value = "";
    this.waiting?.(found);
    this.waiting = null;
  }
}

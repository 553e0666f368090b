// The always-focused scan box: collects keys with their timing, wherever they are typed, and hands over one
// complete reading. It must never let a scanned control key reach the browser.
import { enteredBy, read } from "./codes.js";

const FAST_MS = 60;
// The slowest scanners (Bluetooth) leave up to a tenth of a second between two keys.
const QUIET_MS = 150;

export class ScanEntry {
  constructor(box, form, { accept, busy }) {
    this.box = box;
    this.times = [];
    this.pasted = false;
    this.tainted = false;
    this.lastKey = -Infinity;
    this.accept = accept;
    this.busy = busy;
    box.addEventListener("paste", () => { this.pasted = true; });
    box.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.finish(false);
    });
    document.addEventListener("keydown", (event) => this.stray(event), true);
    document.addEventListener("keydown", (event) => {
      const isModifier = ["Control", "Shift", "Alt", "Meta", "AltGraph"].includes(event.key);
      if (!isModifier && !(event.ctrlKey && event.key === "Enter")) this.lastKey = event.timeStamp;
    }, true);
  }

  // Whether a key was struck by itself: an empty box and nothing just before.
  isQuiet(event) {
    return this.box.value === "" && !this.tainted && event.timeStamp - this.lastKey >= QUIET_MS;
  }

  // A barcode can carry control characters, which a wedge scanner types as Ctrl keys (BadBarcode): right
  // behind another key they come from a machine, and the whole reading is refused.
  key(event) {
    // When the key was struck, not when a busy page got round to it.
    const now = event.timeStamp;
    const behind = now - (this.times.at(-1) ?? -Infinity) < FAST_MS;
    if ((event.ctrlKey || event.metaKey || event.altKey) && !["Control", "Alt", "Meta", "AltGraph"].includes(event.key)) {
      if (behind || !["a", "c", "v", "x", "z"].includes(event.key.toLowerCase())) {
        event.preventDefault();
        if (behind) this.tainted = true;
      }
      return;
    }
    if (event.key === "Tab" && behind && this.box.value !== "") {
      event.preventDefault();
      this.finish(false);
      return;
    }
    if (event.key.length === 1 || event.key === "Process") this.times.push(now);
    if (event.key === "Backspace") this.times.push(now, now + 1000);
  }

  stray(event) {
    if (event.target === this.box || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("dialog, input, select, textarea, [role=listbox]")) return;
    if (event.key.length !== 1) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    this.box.focus();
  }

  finish(forcedTyped) {
    const value = this.box.value;
    const entry = enteredBy(this.times, { pasted: this.pasted, forced: forcedTyped, framed: /^\][A-Za-z]\d/.test(value.trim()) });
    const tainted = this.tainted;
    this.clear();
    if (this.busy()) return;
    if (value.trim() === "" && !tainted) return;
    const reading = tainted ? { kind: "bad", reason: "control" } : read(value);
    this.accept({ ...reading, entry, shown: value.replace(/[^\x20-\x7e\u00c0-\u1ef9]/g, "·").slice(0, 40) });
  }

  clear() {
    this.box.value = "";
    this.times = [];
    this.pasted = false;
    this.tainted = false;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }
}

// What every station does alike: a lock behind each stop, a box that is always ready, codes that were typed, and
// lists that wait in this browser. It must never send while something is being sent, nor decide what a code means.
import * as blank from "./blank.js";
import * as device from "./device.js";
import { KeyIn } from "./key_in.js";
import { ScanEntry } from "./scan_entry.js";
import { Outbox } from "./scan_outbox.js";
import { tile } from "./scan_view.js";
import { play } from "./signals.js";
import * as store from "./store.js";

const TICK_MS = 20000;

export const $ = (id) => document.getElementById(id);

export class Station {
  // `page` is what one station has of its own:
  //   accept(reading), draw(), idle() after a stop was acknowledged, conclude(results), failed(message);
  //   unsigned() counts what was scanned and not signed, refresh() asks the server anew, both where there is such.
  constructor(id, page) {
    this.root = $(id);
    this.page = { unsigned: () => 0, refresh: async () => {}, ...page };
    this.texts = JSON.parse(this.root.dataset.texts);
    this.user = Number(this.root.dataset.user);
    this.csrf = document.body.dataset.csrf;
    this.log = this.root.dataset.log;
    Object.assign(this, { key: null, locked: false, working: false, missed: false });
    document.body.dataset.station = "yes";
    this.wire();
    this.listen();
    blank.watch();
  }

  wire() {
    const { texts, user, csrf, log, page } = this;
    this.outbox = new Outbox(texts, {
      target: { url: this.root.dataset.submitUrl, csrf }, user, failed: page.failed, retry: (how) => this.retry(how),
    });
    this.keyIns = new KeyIn(texts, {
      witnessUrl: this.root.dataset.readerUrl, csrf, user, log, key: () => this.key,
      deliver: async () => this.outbox.deliver(await store.listQueued(user), { quiet: true }),
      busy: (on) => {
        this.working = on;
        if (on) page.draw();
        else this.rest();
        if (!on) this.entry.focus();
      },
    });
    this.entry = new ScanEntry($("box"), $("box-form"), {
      accept: page.accept,
      busy: () => {
        if (this.locked) play("stop");
        return this.locked || this.working;
      },
    });
  }

  listen() {
    $("typed").addEventListener("click", () => {
      this.entry.finish(true);
      this.entry.focus();
    });
    $("tile-ack").addEventListener("click", () => this.page.idle());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.locked && !document.querySelector("dialog[open]")) this.page.idle();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.page.unsigned() > 0 || this.outbox.size > 0) event.preventDefault();
    });
    window.addEventListener("online", () => this.retry({ quiet: true }));
  }

  // Shows a verdict; a stop takes nothing more until somebody has acknowledged it. The focus stays in the box:
  // a scanner's own Enter must not acknowledge anything.
  signal(kind, word, { code = "", next = "" } = {}) {
    tile(kind, { word, code, next, locked: kind === "stop" });
    play(kind);
    this.locked = kind === "stop";
  }

  // Shows that the next code may come.
  wait(next) {
    this.locked = false;
    tile("idle", { word: this.texts.word_idle, code: "", next });
    this.entry.clear();
    this.entry.focus();
  }

  // Does one thing at a time: what is asked for meanwhile is not done.
  async work(job) {
    if (this.working) return;
    this.working = true;
    this.page.draw();
    try {
      await job();
    } finally {
      this.rest();
    }
  }

  // A network that came back while something was being sent must not be missed.
  rest() {
    this.working = false;
    this.page.draw();
    if (this.missed) this.retry({ quiet: true });
  }

  // -> the results of what was just signed and of whatever waited; null where the network is away. What was
  // signed before goes first: a code that was keyed in offline must arrive before its use.
  async deliver(records) {
    return this.outbox.deliver(this.outbox.waiting > 0 ? await store.listQueued(this.user) : records);
  }

  // `quiet`: nobody asked for it, so a network that is still away is shown by the banner and not by an alarm.
  async retry({ rejected = false, quiet = false } = {}) {
    this.missed = this.working;
    await this.work(async () => {
      const waiting = await (rejected ? store.listRejected(this.user) : store.listQueued(this.user));
      if (waiting.length === 0) return;
      const results = await this.outbox.deliver(waiting, { quiet });
      if (results) this.page.conclude(results);
      await this.page.refresh();
    });
  }

  // At rest: sends what still waits, and says whether there was anything.
  async tick() {
    if (this.working || this.locked || document.visibilityState !== "visible" || this.outbox.waiting === 0) return false;
    await this.retry({ quiet: true });
    return true;
  }

  every(job) {
    setInterval(job, TICK_MS);
  }

  async findKey() {
    this.key = device.supported() ? await device.find(this.user) : null;
    $("no-key").hidden = Boolean(this.key);
  }

  // Everything is prepared: keys and clicks are answered from here on.
  async open() {
    await this.outbox.show();
    this.root.dataset.ready = "yes";
  }
}

// The lines that a browser keeps of one count or one leg; a damaged list is scanned again.
export class KeptLines {
  constructor(name) {
    this.name = name;
  }

  load() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name));
      if (Array.isArray(kept)) return kept;
    } catch { /* It is worth less than a working station. */ }
    return [];
  }

  save(lines) {
    localStorage.setItem(this.name, JSON.stringify(lines));
  }

  drop() {
    localStorage.removeItem(this.name);
  }
}

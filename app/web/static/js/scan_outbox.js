// Shows what this browser still holds: lists that wait for the network, lists that the server would not
// record. It must never let a rejected list go before it has been exported.
import * as outbox from "./outbox.js";
import * as store from "./store.js";
import * as view from "./scan_view.js";

const $ = (id) => document.getElementById(id);

export class Outbox {
  constructor(texts, { target, user, failed, retry }) {
    this.texts = texts;
    this.target = target;
    this.user = user;
    this.failed = failed;
    this.size = 0;
    this.waiting = 0;
    $("retry").addEventListener("click", () => retry());
    $("rejected-retry").addEventListener("click", () => retry({ rejected: true }));
    $("rejected-export").addEventListener("click", () => this.export());
    $("rejected-drop").addEventListener("click", () => this.drop());
  }

  // -> every result, in order; null when the server stopped answering on the way.
  async deliver(records, { quiet = false } = {}) {
    const all = [];
    view.sync("sending", this.texts.sync_sending);
    try {
      for await (const results of outbox.send(records, this.target)) {
        all.push(...results);
        view.receipts(results, this.texts);
      }
      view.sync("saved", this.texts.sync_saved);
      return all;
    } catch (failure) {
      view.sync("waiting", this.texts.sync_waiting);
      if (!quiet) this.failed(failure.status ? failure.message : this.texts.say_not_sent);
      return null;
    } finally {
      await this.show();
    }
  }

  async show() {
    const waiting = await store.listQueued(this.user);
    const rejected = await store.listRejected(this.user);
    this.waiting = waiting.length;
    this.size = waiting.length + rejected.length;
    view.banner(waiting.length, this.texts);
    $("rejected").hidden = rejected.length === 0;
    $("rejected-text").textContent = view.format(this.texts.rejected, { count: rejected.length });
    $("rejected-why").textContent = [...new Set(rejected.map((record) => record.rejected))].join(" ");
    $("rejected-drop").hidden = !rejected.every((record) => record.exported);
  }

  async export() {
    const rejected = await store.listRejected(this.user);
    const file = new Blob([outbox.exportText(rejected)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `kt1-rejected-${rejected[0].scan}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    for (const record of rejected) await store.queue({ ...record, exported: true });
    await this.show();
  }

  async drop() {
    for (const record of await store.listRejected(this.user)) {
      if (record.exported) await store.settle(record.scan);
    }
    await this.show();
  }
}

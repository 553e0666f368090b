// Asks somebody else who they are: the second person of an act or a take, or whoever hands in a list. The password goes to the server once and is wiped from the
// page whatever the answer; it must never be kept, logged or sent again.
const $ = (id) => document.getElementById(id);

export class Witness {
  // `id` is that of the dialog, and how the ids inside it begin.
  constructor(url, csrf, texts, id = "witness") {
    this.url = url;
    this.csrf = csrf;
    this.texts = texts;
    this.id = id;
    this.dialog = $(id);
    this.waiting = null;
    this.part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm();
    });
    this.part("cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.end(null));
  }

  part(name) {
    return $(`${this.id}-${name}`);
  }

  // -> {witness, name} of whoever confirmed for this act ({nonce, subject}) or take ({scan, nonce}), and {giver, name}
  // for a list ({nonce, unit, lines}); null when nobody did.
  ask(act) {
    this.wipe();
    this.part("name").value = "";
    this.act = act;
    this.dialog.showModal();
    this.part("name").focus();
    return new Promise((resolve) => { this.waiting = resolve; });
  }

  async confirm() {
    const username = this.part("name").value;
    const password = this.part("password").value;
    this.wipe();
    if (!username.trim() || !password) {
      this.fail(this.texts[`${this.id}_empty`]);
      return;
    }
    this.part("ok").disabled = true;
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify({ ...this.act, username, password }),
        credentials: "same-origin",
        redirect: "error",
      });
      const found = await response.json();
      if (response.ok) {
        this.end(found);
        this.dialog.close();
      } else this.fail(found.error.message);
    } catch {
      this.fail(this.texts[`say_not_sent_${this.id}`]);
    } finally {
      this.part("ok").disabled = false;
    }
  }

  fail(message) {
    this.part("fault").textContent = message;
    this.part("password").focus();
  }

  wipe() {
    this.part("password").value = "";
    this.part("fault").textContent = "";
  }

  end(found) {
    this.wipe();
    this.waiting?.(found);
    this.waiting = null;
  }
}

// Asks a second person who they are, for one act or one take. The password goes to the server once and is wiped from the
// page whatever the answer; it must never be kept, logged or sent again.
const $ = (id) => document.getElementById(id);

export class Witness {
  constructor(url, csrf, texts) {
    this.url = url;
    this.csrf = csrf;
    this.texts = texts;
    this.dialog = $("witness");
    this.waiting = null;
    $("witness-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm();
    });
    $("witness-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.end(null));
  }

  // -> {witness, name} of whoever confirmed for this act ({nonce, subject}) or take ({scan, nonce}); null when
  // nobody did.
  ask(act) {
    this.wipe();
    $("witness-name").value = "";
    this.act = act;
    this.dialog.showModal();
    $("witness-name").focus();
    return new Promise((resolve) => { this.waiting = resolve; });
  }

  async confirm() {
    const username = $("witness-name").value;
    const password = $("witness-password").value;
    this.wipe();
    if (!username.trim() || !password) {
      this.fail(this.texts.witness_empty);
      return;
    }
    $("witness-ok").disabled = true;
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
      this.fail(this.texts.say_not_sent_witness);
    } finally {
      $("witness-ok").disabled = false;
    }
  }

  fail(message) {
    $("witness-fault").textContent = message;
    $("witness-password").focus();
  }

  wipe() {
    $("witness-password").value = "";
    $("witness-fault").textContent = "";
  }

  end(found) {
    this.wipe();
    this.waiting?.(found);
    this.waiting = null;
  }
}

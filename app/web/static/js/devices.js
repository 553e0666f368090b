// Enrols this browser: makes the key here, sends only its public half. It must never send, show or export
// the private key.
import * as device from "./device.js";

const panel = document.getElementById("enrol");
const texts = JSON.parse(panel.dataset.texts);
const user = Number(panel.dataset.user);
const form = document.getElementById("enrol-form");
const status = document.getElementById("enrol-status");

function say(kind, text) {
  status.className = `note ${kind}`;
  status.textContent = text;
  status.hidden = false;
}

async function enrol(event) {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  try {
    const key = await device.makeKey(user);
    await device.remember(key);
    const body = new FormData(form);
    body.set("public_key", key.publicKey);
    body.set("signature", await device.prove(key, panel.dataset.origin));
    const response = await fetch(form.action, {
      method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
    });
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.error?.message ?? texts.failed);
    location.reload();
  } catch (failure) {
    say("bad", failure.message);
    form.querySelector("button").disabled = false;
  }
}

async function show() {
  if (!device.supported()) {
    say("bad", texts.unsupported);
    form.hidden = true;
    return;
  }
  const key = await device.find(user);
  const row = key && document.querySelector(`[data-key="${key.keyId}"]`);
  if (!row || row.dataset.state !== "active") return;
  row.querySelector("[data-this]").hidden = false;
  say("ok", texts.enrolled);
  form.hidden = true;
}

form.addEventListener("submit", enrol);
await show();
panel.dataset.ready = "yes";

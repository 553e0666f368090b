// The registration form: fields appear and vanish with the class. It must never keep an abstract in the
// form once Tuyệt mật is chosen; the server refuses one anyway.
import { enhance } from "./combo.js";

const form = document.getElementById("register");
const field = (name) => document.getElementById(`${name}-field`);
const combos = enhance(form);
let remembered = "";

function secrecy() {
  const chosen = form.elements.secrecy.value;
  const top = chosen === "A";
  const abstract = form.elements.abstract;
  if (top && !abstract.disabled) {
    remembered = abstract.value;
    abstract.value = "";
  } else if (!top && abstract.disabled && !abstract.value) abstract.value = remembered;
  abstract.disabled = top;
  field("abstract").hidden = top;
  document.getElementById("no-abstract").hidden = !top;
}

function appointed() {
  const wanted = form.elements.appointed.checked;
  field("appointed_at").hidden = !wanted;
  form.elements.appointed_at.required = wanted;
  form.elements.appointed_at.disabled = !wanted;
}

function named() {
  form.elements.receiver_name.required = form.elements.named_only.checked;
}

form.addEventListener("change", () => {
  secrecy();
  appointed();
  named();
});
for (const button of document.querySelectorAll("[data-recipient]")) {
  button.addEventListener("click", () => combos.get("recipient_unit").pick(button.dataset.recipient));
}
secrecy();
appointed();
named();

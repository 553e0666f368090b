// Makes a long <select> searchable by code or by name typed without tone marks. The select stays the form
// field, so the page works the same when this script does not run; labels are set as text, never as markup.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
const MOST = 30;
let serial = 0;

export class Combo {
  constructor(select) {
    this.select = select;
    this.id = `combo-${serial += 1}`;
    this.at = -1;
    this.wrap = document.createElement("div");
    this.wrap.className = "combo";
    this.input = document.createElement("input");
    this.input.className = "form-control";
    this.input.autocomplete = "off";
    this.list = document.createElement("ul");
    this.list.className = "combo-list";
    this.list.id = `${this.id}-list`;
    this.list.hidden = true;
    this.wire();
    select.before(this.wrap);
    this.wrap.append(this.input, this.list);
    select.hidden = true;
    this.show();
  }

  wire() {
    const { input, list, select } = this;
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    input.classList.toggle("is-invalid", select.classList.contains("is-invalid"));
    input.required = select.required;
    select.required = false;
    list.setAttribute("role", "listbox");
    const label = document.querySelector(`label[for="${select.id}"]`);
    input.id = `${select.id}-text`;
    if (label) label.htmlFor = input.id;
    input.addEventListener("input", () => this.open());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.leave());
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[data-value]");
      if (option) this.pick(option.dataset.value);
    });
  }

  options() {
    return [...this.select.options].filter((option) => option.value !== "");
  }

  show() {
    this.input.value = this.select.value ? this.select.selectedOptions[0].label : "";
    this.input.placeholder = this.select.options[0]?.value === "" ? this.select.options[0].label : "";
  }

  matches() {
    const words = plain(this.input.value).split(/\s+/).filter(Boolean);
    return this.options().filter((option) => words.every((word) => plain(option.label).includes(word))).slice(0, MOST);
  }

  open() {
    const found = this.matches();
    this.list.replaceChildren(...found.map((option, index) => {
      const row = document.createElement("li");
      row.setAttribute("role", "option");
      row.id = `${this.id}-${index}`;
      row.dataset.value = option.value;
      row.textContent = option.label;
      return row;
    }));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.mark(found.length > 0 ? 0 : -1);
  }

  mark(index) {
    const rows = [...this.list.children];
    this.at = rows.length ? (index + rows.length) % rows.length : -1;
    for (const [position, row] of rows.entries()) row.setAttribute("aria-selected", String(position === this.at));
    if (this.at < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", rows[this.at].id);
      rows[this.at].scrollIntoView({ block: "nearest" });
    }
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.open();
      else this.mark(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !this.list.hidden && this.at >= 0) {
      event.preventDefault();
      this.pick(this.list.children[this.at].dataset.value);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.show();
    }
  }

  pick(value) {
    this.select.value = value;
    this.close();
    this.show();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Leaving with exactly one candidate takes it; anything less certain is cleared, never guessed.
  leave() {
    this.close();
    const found = this.matches();
    const typed = plain(this.input.value.trim());
    const exact = found.find((option) => plain(option.label) === typed || plain(option.value) === typed);
    const sure = exact ?? (typed && found.length === 1 ? found[0] : null);
    const value = sure ? sure.value : "";
    if (value !== this.select.value) this.pick(value);
    else this.show();
  }

  close() {
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

export const enhance = (scope = document) =>
  new Map([...scope.querySelectorAll("select[data-combo]")].map((select) => [select.id, new Combo(select)]));

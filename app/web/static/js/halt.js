// The whole screen, red, for a code that is to be stopped and held, until a hand says that the thing lies apart.
// It must never be ended by a scanner or by Escape.
import { play } from "./signals.js";

// Right behind another key an Enter comes from a scanner, and acknowledges nothing.
const MACHINE_MS = 500;

export class Halt {
  // `apart(code)` is told once somebody has said that the thing lies apart.
  constructor(apart) {
    this.screen = document.getElementById("halt");
    this.code = "";
    let struck = 0;
    this.screen.addEventListener("cancel", (event) => event.preventDefault());
    this.screen.addEventListener("keydown", (event) => {
      if (event.timeStamp - struck < MACHINE_MS) event.preventDefault();
      struck = event.timeStamp;
    });
    document.getElementById("halt-ack").addEventListener("click", () => {
      this.screen.close();
      apart(this.code);
    });
  }

  get isUp() {
    return this.screen.open;
  }

  show(code, text) {
    this.code = code;
    document.getElementById("halt-code").textContent = code;
    document.getElementById("halt-next").textContent = text;
    if (!this.screen.open) this.screen.showModal();
    play("stop");
  }
}

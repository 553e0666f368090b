// Reads what a scanner or a keyboard typed: framing stripped, known keyboard damage undone, everything
// else refused. A repair is made only when exactly one reading fits the S10 check digit; it must never
// guess between two.
const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];
const S10 = /^([A-Z]{2})(\d{8})(\d)([A-Z]{2})$/;
const LABEL = /^([A-Za-z]{2}\d{9}[A-Za-z]{2})([^A-Za-z0-9])([A-Za-z0-9]{1,8})\2([A-Za-z2-7]{16})$/;
// What only a label shows, keyed behind its code: Crockford's base 32, as people write it.
const TAILED = /^(.*[A-Za-z]{2})[\s.-]*[-\u2013][\s.-]*([0-9A-HJ-NP-TV-Za-hj-np-tv-zIiLlOo]{5})$/;
const COMMANDS = { "KT1:DONE": "done", "KT1:UNDO": "undo", "KT1:LEFT": "left" };
const TONES = { "\u0301": ["s", "1"], "\u0300": ["f", "2"], "\u0309": ["r", "3"], "\u0303": ["x", "4"], "\u0323": ["j", "5"] };

export function checkDigit(serial) {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(serial[index]), 0);
  const rest = 11 - (sum % 11);
  return rest === 10 ? 0 : rest === 11 ? 5 : rest;
}

export function isCode(text) {
  const match = S10.exec(text);
  return Boolean(match) && checkDigit(match[2]) === Number(match[3]);
}

// Every text a Vietnamese input method could have swallowed to make `damaged`: the letter or digit that
// became a tone mark or a hat is put back right after its vowel.
function* undamaged(damaged) {
  const base = damaged.normalize("NFD");
  const marks = [...base].filter((char) => /\p{M}/u.test(char) || char === "Đ" || char === "đ");
  if (marks.length === 0 || marks.length > 2) return;
  for (const style of [0, 1]) {
    let rebuilt = "";
    let previous = "";
    let known = true;
    for (const char of base) {
      if (TONES[char]) rebuilt += TONES[char][style];
      else if (char === "\u0302") rebuilt += style ? "6" : previous;
      else if (char === "\u031b") rebuilt += style ? "7" : "w";
      else if (char === "\u0306") rebuilt += style ? "8" : "w";
      else if (char === "Đ" || char === "đ") rebuilt += style ? "D9" : "DD";
      else if (/\p{M}/u.test(char)) known = false;
      else rebuilt += char;
      previous = char;
    }
    if (known) yield rebuilt.toUpperCase();
  }
}

function repair(text) {
  const plain = text.normalize("NFKC").replace(/[\s.-]/g, "").toUpperCase();
  if (isCode(plain)) return plain;
  const fitting = new Set([...undamaged(plain)].filter(isCode));
  return fitting.size === 1 ? [...fitting][0] : null;
}

// -> {kind: "code", code, raw} | {kind: "command", command} | {kind: "unit", unit} | {kind: "bad", reason}
export function read(typed) {
  const text = typed.replace(/^[\r\n\t ]+|[\r\n\t ]+$/g, "").replace(/^\][A-Za-z]\d/, "");
  if (/[\p{Cc}\p{Cf}]/u.test(text)) return { kind: "bad", reason: "control" };
  if (text === "") return { kind: "bad", reason: "empty" };
  if (text.length > 64) return { kind: "bad", reason: "long" };
  const command = COMMANDS[text.toUpperCase()];
  if (command) return { kind: "command", command };
  const label = LABEL.exec(text);
  if (label) {
    const code = label[1].toUpperCase();
    if (!isCode(code)) return { kind: "bad", reason: "check_digit" };
    return { kind: "code", code, raw: `${code}|${repairKeyId(label[3])}|${label[4].toUpperCase()}` };
  }
  const code = repair(text);
  if (code) return { kind: "code", code, raw: code };
  const tailed = TAILED.exec(text.normalize("NFKC"));
  const keyed = tailed && repair(tailed[1]);
  if (keyed) return { kind: "code", code: keyed, raw: `${keyed}-${tailed[2].toUpperCase()}` };
  if (S10.test(text.toUpperCase())) return { kind: "bad", reason: "check_digit" };
  if (/[^\x20-\x7e]/.test(text)) return { kind: "bad", reason: "input_method" };
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{1,15}$/.test(text)) return { kind: "unit", unit: text.toUpperCase() };
  return { kind: "bad", reason: "format" };
}

// Key ids are printed in one case only; Caps Lock may have turned all of it around.
function repairKeyId(text) {
  return text === text.toUpperCase() && /[A-Z]/.test(text) ? text.toLowerCase() : text;
}

// A scanner types fast, or slowly but like a machine; people do neither. Timing is a hint for the record
// (`entry` scan or typed), never a permission.
// A scanner that frames its reading says so itself.
export function enteredBy(times, { pasted = false, forced = false, framed = false } = {}) {
  if (framed && !pasted && !forced) return "scan";
  if (forced || pasted || times.length < 6) return "typed";
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
  if (mean <= 60) return "scan";
  const deviation = Math.sqrt(gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / gaps.length);
  return mean <= 120 && deviation <= mean / 5 ? "scan" : "typed";
}

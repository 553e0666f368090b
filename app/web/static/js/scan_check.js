// The receiving checklist: what is looked at before anybody signs for an item at its last door. Pure: no page,
// no clock. It must never tick anything off by itself, nor know how many pieces were registered.

export const MOST_LISTED = 100;

// Only where a handover ends, and only for what bears a mark of secrecy.
export const isAsked = (offer, item) => ["delivery", "return"].includes(offer.purpose) && !item.bag && item.mark !== "none";

export const nothingTicked = () => ({ mark: "", pieces: 0, addressee: "" });

const isDone = (check) => Boolean(check.mark && check.pieces >= 1 && check.addressee);

// What a line still owes before it may be signed: "missing", "differs", or "" when nothing.
export function checkFault(line) {
  if (!line.check || line.verdict === "refuse") return "";
  if (line.check.mark && line.check.mark !== "intact") return "differs";
  if (line.check.addressee === "other") return "differs";
  return isDone(line.check) ? "" : "missing";
}

// The member of a signed line; a line that is turned down may leave the list half done, and then says nothing.
export const signedCheck = (line) => (line.check && isDone(line.check) ? { check: { ...line.check } } : {});

// The first question without an answer; null when all have one.
export function nextQuestion(line) {
  if (!line.check) return null;
  return ["mark", "pieces", "addressee"].find((name) => !line.check[name]) ?? null;
}

export function tick(line, name, value) {
  const pieces = Number.parseInt(value, 10);
  if (name === "pieces") line.check.pieces = pieces >= 1 && pieces <= 999 ? pieces : 0;
  else line.check[name] = value;
}

// Sends signed lists in portions that the server takes. A list leaves this browser only when the server's
// answer names it; one that the server will not record is kept as rejected, to be exported and explained.
import { envelopeText } from "./evidence.js";
import * as store from "./store.js";

export const MOST_AT_ONCE = 20;
export const MOST_BYTES = 200_000;
// The server has read the whole request and will refuse the same bytes again.
const FOR_EVER = [400, 413, 422];

export class SendFailed extends Error {
  constructor(status, answer) {
    super(answer?.error?.message ?? answer?.message ?? `HTTP ${status}`);
    this.status = status;
  }
}

// Records in their own order, so many and so large at a time that one request holds them.
export function portions(records) {
  const found = [];
  let bytes = 0;
  for (const record of records) {
    // Envelopes are base64 inside JSON: one character is one byte.
    const size = envelopeText(record.envelope).length + 1;
    if (found.length === 0 || found.at(-1).length >= MOST_AT_ONCE || bytes + size > MOST_BYTES) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1).push(record);
    bytes += size;
  }
  return found;
}

async function post(records, { url, csrf }) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": csrf },
    body: `{"envelopes":[${records.map((record) => envelopeText(record.envelope)).join(",")}]}`,
    credentials: "same-origin",
    redirect: "error",
  });
  if (!response.ok) throw new SendFailed(response.status, await response.json().catch(() => null));
  return (await response.json()).results;
}

// Yields the results of each portion once they are stored here; throws when the server did not answer.
// A portion refused as a whole is halved until the one list that cannot be sent stands alone.
export async function* send(records, target) {
  const waiting = portions(records);
  while (waiting.length > 0) {
    const portion = waiting.shift();
    let results;
    try {
      results = await post(portion, target);
    } catch (failure) {
      if (!FOR_EVER.includes(failure.status)) throw failure;
      if (portion.length > 1) {
        const half = Math.ceil(portion.length / 2);
        waiting.unshift(portion.slice(0, half), portion.slice(half));
        continue;
      }
      results = [{ scan: null, status: "error", message: failure.message, lines: [], entry: null }];
    }
    yield await settle(portion, results);
  }
}

// Returns the results; whatever the answer does not speak of simply keeps waiting.
export async function settle(records, results) {
  for (const [index, record] of records.entries()) {
    const result = results[index];
    if (result?.scan === record.scan) await store.settle(record.scan);
    else if (result) await store.queue({ ...record, rejected: result.message || result.status || "error" });
  }
  return results.slice(0, records.length);
}

// What an auditor needs to judge a list that the server would not record: the signed bytes, and the answer.
export function exportText(records) {
  const kept = records.map(({ scan, user, at, rejected, envelope }) => ({ scan, user, at, rejected, envelope }));
  return JSON.stringify({ format: "kt1/rejected/1", records: kept }, null, 1);
}

// What this browser forgets when a person logs out: the open scan list, which names consignments. It must
// never forget a signed list that the server has not recorded, nor the key.
import * as store from "./store.js";

export async function forget(user) {
  const kept = [...await store.listQueued(user), ...await store.listRejected(user)];
  if (kept.length === 0) localStorage.removeItem(`kt1-scan-${user}`);
  return kept.length;
}

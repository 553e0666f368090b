// What this browser forgets when a person logs out: the open lists of both stations, which name consignments. It must
// never forget a signed list that the server has not recorded, nor the key.
import * as store from "./store.js";

export async function forget(user) {
  const kept = [...await store.listQueued(user), ...await store.listRejected(user)];
  if (kept.length === 0) for (const list of ["scan", "bag"]) localStorage.removeItem(`kt1-${list}-${user}`);
  return kept.length;
}

// What must outlive a reload or a power cut: this browser's keys (non-extractable), its sequence
// numbers and the signed handovers the server has not answered yet. It must never hold a secret that
// script could read: the private key is an opaque CryptoKey.
const NAME = "kt1";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys", { keyPath: "user" });
      request.result.createObjectStore("sequences", { keyPath: "keyId" });
      request.result.createObjectStore("outbox", { keyPath: "scan" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(names, mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      let result;
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error);
      work(transaction, (value) => { result = value; });
    });
  } finally {
    database.close();
  }
}

const ask = (name, mode, action) => run([name], mode, (transaction, give) => {
  const request = action(transaction.objectStore(name));
  request.onsuccess = () => give(request.result);
});

export const findKey = (user) => ask("keys", "readonly", (store) => store.get(user));
export const saveKey = (record) => ask("keys", "readwrite", (store) => store.put(record));
export const dropKey = (user) => ask("keys", "readwrite", (store) => store.delete(user));

// One more than the last number this key used; numbers are burnt, never reused, even if signing fails.
export function nextSequence(keyId) {
  return run(["sequences"], "readwrite", (transaction, give) => {
    const store = transaction.objectStore("sequences");
    const request = store.get(keyId);
    request.onsuccess = () => {
      const seq = (request.result?.seq ?? 0) + 1;
      store.put({ keyId, seq });
      give(seq);
    };
  });
}

export const queue = (record) => ask("outbox", "readwrite", (store) => store.put(record));
export const settle = (scan) => ask("outbox", "readwrite", (store) => store.delete(scan));

const listKept = async (user) =>
  (await ask("outbox", "readonly", (store) => store.getAll()))
    .filter((record) => record.user === user)
    .sort((one, other) => (one.at < other.at ? -1 : 1));

// Waiting for the server, in the order they were signed; then those the server would not record.
export const listQueued = async (user) => (await listKept(user)).filter((record) => !record.rejected);
export const listRejected = async (user) => (await listKept(user)).filter((record) => record.rejected);

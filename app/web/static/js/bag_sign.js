// Signs an act and keeps it for sending. It must never give a signed act back before it is stored.
import * as evidence from "./evidence.js";
import * as store from "./store.js";

// Durable before anything is shown as done: a power cut after this line loses no act.
export async function signAct(act, { key, log, user, place, nonce }) {
  const seq = await store.nextSequence(key.keyId);
  const said = evidence.act({ log, device: key.keyId, actor: user, place, seq, nonce }, act);
  const record = {
    scan: said.scan, user, at: said.at, size: act.lines?.length ?? 0, envelope: await evidence.seal(said, key),
  };
  await store.queue(record);
  return record;
}

// Appends blocks of 300 bytes to a hypercore for some seconds, one by one or in batches; prints blocks a second.
//
//     node hypercore.mjs FOLDER SECONDS BATCH
//
// Each append is awaited and signed; hypercore does not sync its file at every append, which ours does.
import Hypercore from "hypercore";

const [folder, seconds, batch] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const core = new Hypercore(folder);
await core.ready();
const blocks = Array.from({ length: batch }, (_, n) => Buffer.alloc(300, n + 1));
for (let n = 0; n < 20; n++) await core.append(blocks);
const began = performance.now();
let appended = 0;
while (performance.now() - began < seconds * 1000) {
  await core.append(batch === 1 ? blocks[0] : blocks);
  appended += batch;
}
process.stdout.write(`${appended / ((performance.now() - began) / 1000)}\n`);
await core.close();

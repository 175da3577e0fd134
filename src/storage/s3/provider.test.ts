import { after, test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { s3Storage, startMoto, startVersity } from "#test/places/s3-server.ts";

const versity = await startVersity();
const moto = await startMoto();
after(async () => {
  await versity.server?.end();
  await moto.server?.end();
});

for (const [name, { server, absent }] of Object.entries({ versity, moto })) {
  if (server === undefined) test(`S3 at ${name} keeps the storage contract`, { skip: absent });
  else keepsStorageContract(`S3 at ${name}`, async () => s3Storage(await server.makeBucket()));
}

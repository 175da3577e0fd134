// Writes an object to a place so that it can go on later, and says how as soon as it knows. Its order comes in as JSON.
import { text } from "node:stream/consumers";
import { openStorage, type PlaceSettings } from "#storage/catalog.ts";

const order = JSON.parse(await text(process.stdin)) as {
  readonly kind: string;
  readonly settings: PlaceSettings;
  readonly key: string;
  readonly base64: string;
};
const bytes = Buffer.from(order.base64, "base64");
const storage = await openStorage(order.kind, order.settings);
const keep = async (state: string): Promise<void> => void process.stdout.write(`${state}\n`);
async function* open(from = 0): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(from);
}
const content = { open, size: bytes.length, resume: { state: undefined, keep } };
await storage.write(order.key, content, new AbortController().signal);

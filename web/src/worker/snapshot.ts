/**
 * Python's memory after start, taken on the first visit and kept beside the set it belongs to. It is only used when every
 * byte of it is as it was written: a damaged image could compute wrong numbers.
 */
import { setId } from "./places.js";

const CACHE = `autolytiq-snapshot-${setId}`;
const KEY = "/snapshot.bin";
const DIGEST = "x-sha256";

export class SnapshotDamaged extends Error {}

/** Whether a snapshot of this set is stored. */
export async function find(): Promise<Response | null> {
  if (!setId || !(await caches.has(CACHE))) return null;
  return (await (await caches.open(CACHE)).match(KEY)) ?? null;
}

/** The image, verified. */
export async function read(stored: Response): Promise<ArrayBuffer> {
  const image = await stored.arrayBuffer();
  if ((await sha256(image)) !== stored.headers.get(DIGEST)) throw new SnapshotDamaged("the snapshot is not as it was written");
  return image;
}

export async function keep(image: Uint8Array<ArrayBuffer>): Promise<void> {
  if (!setId) return;
  const headers = { "content-type": "application/octet-stream", [DIGEST]: await sha256(image) };
  await (await caches.open(CACHE)).put(KEY, new Response(image, { headers }));
}

export async function drop(): Promise<void> {
  await caches.delete(CACHE);
}

async function sha256(body: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

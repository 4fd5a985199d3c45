/**
 * What a first visit leaves for the next start: Python's memory after its own start, and the byte code of the packages that
 * were compiled then. Kept in one file beside the set it belongs to, and only used when every byte of it is as it was
 * written: a damaged image could compute wrong numbers.
 *
 * The file: length of the index (4 bytes), the index as JSON, then the runs of memory that are not zero (nearly half of it
 * is), then the byte code.
 */
import { setId } from "./places.js";

const CACHE = `autolytiq-snapshot-${setId}`;
const KEY = "/snapshot.bin";
const DIGEST = "x-sha256";
const PAGE = 4096;

export class SnapshotDamaged extends Error {}

export interface Keepsake {
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Byte code by its path in Python's file system. */
  readonly files: readonly (readonly [string, Uint8Array])[];
}

interface Index {
  readonly bytes: number;
  readonly runs: readonly (readonly [number, number])[];
  readonly files: readonly (readonly [string, number])[];
}

/** Whether one of this set is stored. */
export async function find(): Promise<Response | null> {
  if (!setId || !(await caches.has(CACHE))) return null;
  return (await (await caches.open(CACHE)).match(KEY)) ?? null;
}

/** What was stored, verified. */
export async function read(stored: Response): Promise<Keepsake> {
  const whole = await stored.arrayBuffer();
  if ((await sha256(whole)) !== stored.headers.get(DIGEST)) throw new SnapshotDamaged("the snapshot is not as it was written");
  return unpack(whole);
}

export async function keep(keepsake: Keepsake): Promise<void> {
  if (!setId) return;
  const packed = pack(keepsake);
  const headers = { "content-type": "application/octet-stream", [DIGEST]: await sha256(packed) };
  await (await caches.open(CACHE)).put(KEY, new Response(packed, { headers }));
}

export async function drop(): Promise<void> {
  await caches.delete(CACHE);
}

function pack({ memory, files }: Keepsake): Uint8Array<ArrayBuffer> {
  const runs = filledRuns(memory);
  const index: Index = { bytes: memory.length, runs, files: files.map(([path, body]) => [path, body.length]) };
  const head = new TextEncoder().encode(JSON.stringify(index));
  const parts = [...runs.map(([at, size]) => memory.subarray(at, at + size)), ...files.map(([, body]) => body)];
  const packed = new Uint8Array(4 + head.length + parts.reduce((sum, part) => sum + part.length, 0));
  new DataView(packed.buffer).setUint32(0, head.length);
  packed.set(head, 4);
  let at = 4 + head.length;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

function unpack(whole: ArrayBuffer): Keepsake {
  const headEnd = 4 + new DataView(whole).getUint32(0);
  const index = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, headEnd - 4))) as Index;
  const memory = new Uint8Array(index.bytes);
  let at = headEnd;
  for (const [to, size] of index.runs) {
    memory.set(new Uint8Array(whole, at, size), to);
    at += size;
  }
  const files = index.files.map(([path, size]) => {
    const body = new Uint8Array(whole, at, size);
    at += size;
    return [path, body] as const;
  });
  return { memory, files };
}

/** Runs of pages that hold anything, as offset and size. */
function filledRuns(memory: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < memory.length; at += PAGE) {
    const page = memory.subarray(at, at + PAGE);
    if (page.every((byte) => byte === 0)) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === at) last[1] += page.length;
    else runs.push([at, page.length]);
  }
  return runs;
}

async function sha256(body: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

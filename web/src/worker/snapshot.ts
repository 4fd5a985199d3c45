/**
 * What a first visit leaves for the next start: the memory of Python with msgspec, pyapp and the law loaded, taken before
 * any deal was seen. Kept in one file beside the set it belongs to, and only used when every byte of it is as it was
 * written: a damaged image could compute wrong numbers.
 *
 * The file: length of the index (4 bytes), the index as JSON, Pyodide's own head of the snapshot, then the runs of memory
 * that are not zero (nearly half of it is).
 */
import { setId } from "./places.js";
import type { Pyodide, PyodideModule } from "./pyodide.js";

const CACHE = `autolytiq-snapshot-${setId}`;
const KEY = "/snapshot.bin";
const DIGEST = "x-sha256";
const PAGE = 4096;
/** Room for Pyodide's head: what it keeps of its JavaScript objects. It is some kilobytes long. */
const HEAD = 65_536;
/** Where the head says, in words of 32 bits, how long it is. */
const HEAD_LENGTH = 1;

export class SnapshotDamaged extends Error {}

/** A snapshot as it was taken, not yet packed. */
export interface Taken {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly head: Uint8Array<ArrayBuffer>;
  readonly functions: number;
}

/** A snapshot as it was stored, verified. */
export interface Kept {
  /** Writes it over the memory of a Python that did not run yet, and its head into the room that was made for it. */
  restore(module: PyodideModule, head: Uint8Array<ArrayBuffer>): void;
}

interface Index {
  /** Bytes of memory. */
  readonly bytes: number;
  /** Length of the table of functions: other functions than then would stand behind the memory's pointers. */
  readonly functions: number;
  readonly head: number;
  readonly runs: readonly (readonly [number, number])[];
}

/** Whether one of this set is stored. */
export async function find(): Promise<Response | null> {
  if (!setId) return null;
  return (await caches.match(KEY, { cacheName: CACHE })) ?? null;
}

/** What was stored, verified. */
export async function read(stored: Response): Promise<Kept> {
  const whole = await stored.arrayBuffer();
  if ((await sha256(whole)) !== stored.headers.get(DIGEST)) throw new SnapshotDamaged("the snapshot is not as it was written");
  return { restore: (module, head) => restore(whole, module, head) };
}

/** Room for the head: Pyodide wants it before it is read, and looks into it only after `restore`. */
export const emptyHead = (): Uint8Array<ArrayBuffer> => new Uint8Array(HEAD);

/**
 * The memory as it is now. `engine` is the one object of JavaScript that Python holds; whoever restores hands over another.
 */
export function take(py: Pyodide, engine: object): Taken | null {
  // Pyodide expects its list of packages as it is at a start.
  const packages = { ...py.loadedPackages };
  for (const name of Object.keys(packages)) delete py.loadedPackages[name];
  try {
    const whole = py.makeMemorySnapshot({
      serializer: (object) => {
        if (object !== engine) throw new Error("Python holds an object of JavaScript that no snapshot can keep");
        return "engine";
      },
    });
    const length = new Uint32Array(whole.buffer, 0, HEAD_LENGTH + 1)[HEAD_LENGTH] ?? HEAD;
    return { memory: whole.subarray(length), head: whole.slice(0, length), functions: py._module.wasmTable.length };
  } catch (fault) {
    console.info("No snapshot could be taken; the next start is a plain one.", fault);
    return null;
  } finally {
    Object.assign(py.loadedPackages, packages);
  }
}

export async function keep(taken: Taken): Promise<void> {
  if (!setId || taken.head.length > HEAD) return;
  const packed = pack(taken);
  const headers = { "content-type": "application/octet-stream", [DIGEST]: await sha256(packed) };
  await (await caches.open(CACHE)).put(KEY, new Response(packed, { headers }));
}

export async function drop(): Promise<void> {
  await caches.delete(CACHE);
}

function pack({ memory, head, functions }: Taken): Uint8Array<ArrayBuffer> {
  const runs = filledRuns(memory);
  const index: Index = { bytes: memory.length, functions, head: head.length, runs };
  const json = new TextEncoder().encode(JSON.stringify(index));
  const parts = [json, head, ...runs.map(([at, size]) => memory.subarray(at, at + size))];
  const packed = new Uint8Array(4 + parts.reduce((sum, part) => sum + part.length, 0));
  new DataView(packed.buffer).setUint32(0, json.length);
  let at = 4;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

function restore(whole: ArrayBuffer, module: PyodideModule, head: Uint8Array<ArrayBuffer>): void {
  let at = 4 + new DataView(whole).getUint32(0);
  const index = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, at - 4))) as Index;
  if (module.wasmTable.length !== index.functions) throw new SnapshotDamaged("the snapshot's functions are others");
  head.set(new Uint8Array(whole, at, index.head));
  // All the room counts as head: no memory follows it, that is written here.
  new Uint32Array(head.buffer)[HEAD_LENGTH] = head.length;
  at += index.head;
  if (module.HEAPU8.length < index.bytes) module.growMemory(index.bytes);
  const memory = module.HEAPU8;
  let end = 0;
  for (const [to, size] of index.runs) {
    memory.fill(0, end, to);
    memory.set(new Uint8Array(whole, at, size), to);
    end = to + size;
    at += size;
  }
  memory.fill(0, end);
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

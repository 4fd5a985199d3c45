/**
 * Sets: one set is one build of the whole app, named by `set.json` with the SHA-256 of every file. A set is stored whole in
 * a cache of its own or not at all, and each of its files is addressed under `/s/ID/`, so that what a page loads later
 * comes from the build the page itself came from.
 */

export interface SetFile {
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface SetManifest {
  readonly id: string;
  readonly files: readonly SetFile[];
}

export interface SetState {
  /** The set that navigations are answered from. */
  current: string;
  /** The set before it, kept for going back. */
  previous: string;
  /** A newer set, stored and verified, that waits for the user. */
  ready: string;
}

const STATE_CACHE = "autolytiq-state";
const STATE_KEY = "/state.json";
const SET_PREFIX = "autolytiq-set-";
const SNAPSHOT_PREFIX = "autolytiq-snapshot-";
const MANIFEST = "set.json";
/** Downloads at the same time; more only makes each slower. */
const LANES = 4;

export const setCache = (id: string): string => SET_PREFIX + id;
export const setPath = (id: string, path: string): string => `/s/${id}/${path}`;

export async function readState(): Promise<SetState> {
  const found = await caches.match(STATE_KEY, { cacheName: STATE_CACHE });
  const known = found ? ((await found.json()) as Partial<SetState>) : {};
  return { current: "", previous: "", ready: "", ...known };
}

export async function writeState(state: SetState): Promise<void> {
  await (await caches.open(STATE_CACHE)).put(STATE_KEY, Response.json(state));
}

/** What the server offers now. */
export async function offeredSet(scope: string): Promise<SetManifest> {
  const answer = await fetch(new URL(MANIFEST, scope), { cache: "no-store" });
  if (!answer.ok) throw new Error(`${MANIFEST}: ${answer.status}`);
  return (await answer.json()) as SetManifest;
}

/** One file of a stored set: one question to the browser, because each costs more than the answer. */
export function stored(id: string, path: string): Promise<Response | undefined> {
  return caches.match(setPath(id, path), { cacheName: setCache(id) });
}

/** Whether a set is stored whole: its manifest is written last. */
export async function isStored(id: string): Promise<boolean> {
  return id !== "" && (await stored(id, MANIFEST)) !== undefined;
}

async function storedManifest(id: string): Promise<SetManifest | null> {
  const found = id && (await stored(id, MANIFEST));
  return found ? ((await found.json()) as SetManifest) : null;
}

/** Path of a file inside its set: no leading slash, the folder's own page by its name. */
export function pathInSet(url: string, scope: string): string {
  const path = new URL(url, scope).pathname.slice(new URL(scope).pathname.length);
  return path === "" || path.endsWith("/") ? path + "index.html" : path;
}

/**
 * Store a set whole and verified; on any fault nothing of it stays. Files that an older set already holds with the same
 * hash are copied, not downloaded.
 */
export async function fill(
  set: SetManifest,
  scope: string,
  olderIds: readonly string[],
  progress: (done: number, all: number) => void,
): Promise<void> {
  const name = setCache(set.id);
  await caches.delete(name);
  const cache = await caches.open(name);
  const older = await olderFiles(olderIds, scope);
  const all = set.files.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  const queue = [...set.files];
  const lane = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const path = pathInSet(file.url, scope);
      const { body, headers } = await verified(file, scope, older);
      await cache.put(setPath(set.id, path), new Response(body, { headers }));
      done += file.bytes;
      progress(done, all);
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
    await cache.put(setPath(set.id, MANIFEST), Response.json(set));
  } catch (fault) {
    queue.length = 0;
    await caches.delete(name);
    throw fault;
  }
}

type Held = Map<string, { cache: string; path: string }>;

async function olderFiles(ids: readonly string[], scope: string): Promise<Held> {
  const held: Held = new Map();
  for (const id of ids) {
    for (const file of (await storedManifest(id))?.files ?? []) {
      held.set(file.sha256, { cache: setCache(id), path: setPath(id, pathInSet(file.url, scope)) });
    }
  }
  return held;
}

async function verified(
  file: SetFile,
  scope: string,
  older: Held,
): Promise<{ body: ArrayBuffer; headers: Headers }> {
  const held = older.get(file.sha256);
  const kept = held && (await (await caches.open(held.cache)).match(held.path));
  if (kept) {
    const body = await kept.arrayBuffer();
    if ((await sha256(body)) === file.sha256) return { body, headers: plainHeaders(kept.headers) };
  }
  // The HTTP cache may answer if the server confirms it; the hash decides in any case.
  for (const cache of ["no-cache", "reload"] as const) {
    const answer = await fetch(new URL(file.url, scope), { cache, credentials: "omit" });
    if (!answer.ok) throw new Error(`${file.url}: ${answer.status}`);
    const body = await answer.arrayBuffer();
    if ((await sha256(body)) === file.sha256) return { body, headers: plainHeaders(answer.headers) };
  }
  throw new Error(`${file.url}: not the file that the set names`);
}

/** The server's headers (the content-security policy among them) without those that described the transfer. */
function plainHeaders(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of ["content-encoding", "content-length", "transfer-encoding", "vary", "date"]) headers.delete(name);
  return headers;
}

export async function sha256(body: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Drop every set and snapshot that is neither named in the state nor held by an open page. */
export async function prune(state: SetState): Promise<void> {
  const held = ((await navigator.locks.query()).held ?? []).map((lock) => lock.name ?? "");
  const keep = new Set([state.current, state.previous, state.ready, ...held.map((name) => name.replace("set-", ""))]);
  for (const name of await caches.keys()) {
    for (const prefix of [SET_PREFIX, SNAPSHOT_PREFIX]) {
      if (name.startsWith(prefix) && !keep.has(name.slice(prefix.length))) await caches.delete(name);
    }
  }
}

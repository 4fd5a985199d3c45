/**
 * The service worker: answers from one stored set, with the network on or off, and never mixes two builds.
 *
 * A page that was loaded from set A goes on with A's files (its addresses say so) until it is loaded again; the switch to a
 * newer set only happens when a page asks for it, and a page asks when its user pressed "Update ready".
 */
import type { FromServiceWorker, ToServiceWorker } from "./messages.js";
import { fill, isStored, offeredSet, prune, readState, setPath, type SetState, stored, writeState } from "./sets.js";

declare const self: ServiceWorkerGlobalScope;

/** An event of newer browsers, not yet in the published types. */
interface Installing extends ExtendableEvent {
  addRoutes?(rule: { condition: { urlPattern: string }; source: "cache" }): Promise<void>;
}

const scope = (): string => self.registration.scope;

self.addEventListener("install", (event: Installing) => {
  // The files of a set have addresses of their own: a browser that can takes them from its caches without asking here.
  void event.addRoutes?.({ condition: { urlPattern: "/s/*" }, source: "cache" });
  event.waitUntil(
    (async () => {
      const state = await readState();
      if (!(await isStored(state.current))) {
        const set = await offeredSet(scope());
        await fill(set, scope(), [], tell);
        await writeState({ ...state, current: set.id });
      }
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      await prune(await readState());
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin || event.request.method !== "GET") return;
  const path = url.pathname.slice(new URL(scope()).pathname.length);
  if (path.startsWith("api/") || path === "sw.js" || path === "health" || path === "ready") return;
  event.respondWith(answer(event.request, path));
});

self.addEventListener("message", (event) => {
  const message = event.data as ToServiceWorker;
  const reply = (answerMessage: FromServiceWorker): void => (event.source as Client | null)?.postMessage(answerMessage);
  if (message.type === "which") event.waitUntil(readState().then((state) => reply({ type: "sets", ...state })));
  if (message.type === "check") event.waitUntil(check());
  if (message.type === "switch") event.waitUntil(change((s) => ({ current: s.ready, previous: s.current, ready: "" })));
  if (message.type === "back") event.waitUntil(change((s) => ({ current: s.previous, previous: s.current, ready: s.ready })));
});

async function answer(request: Request, path: string): Promise<Response> {
  const pinned = /^s\/([\w.-]+)\/(.*)$/.exec(path);
  if (pinned) {
    const [, id = "", inside = ""] = pinned;
    return (await stored(id, inside)) ?? new Response("This version is no longer stored here.", { status: 410 });
  }
  const { current } = await readState();
  if (!current) return fetch(request);
  if (request.mode === "navigate") return (await shell(current)) ?? fetch(request);
  return (await stored(current, path)) ?? fetch(request);
}

/** The page of a set, its relative addresses led into the set. */
async function shell(id: string): Promise<Response | undefined> {
  const page = await stored(id, "index.html");
  if (!page) return undefined;
  const html = (await page.text()).replaceAll('="./', `="${setPath(id, "")}`);
  return new Response(html, { headers: page.headers });
}

let checking: Promise<void> | null = null;

/** Look for a newer set and store it; at most one look at a time. Without network nothing happens. */
function check(): Promise<void> {
  checking ??= look().finally(() => (checking = null));
  return checking;
}

async function look(): Promise<void> {
  const state = await readState();
  let set;
  try {
    set = await offeredSet(scope());
    await broadcast({ type: "server", reached: true });
  } catch {
    await broadcast({ type: "server", reached: false });
    return;
  }
  if (set.id === state.current) {
    if (state.ready) await writeState({ ...state, ready: "" });
    return;
  }
  if (set.id !== state.ready || !(await isStored(set.id))) {
    if (!(await isStored(set.id))) {
      try {
        await fill(set, scope(), [state.current, state.previous, state.ready], () => undefined);
      } catch (fault) {
        await broadcast({ type: "update-failed", message: String(fault) });
        return;
      }
    }
    await writeState({ ...(await readState()), ready: set.id });
    await prune(await readState());
  }
  await broadcast({ type: "update-ready", id: set.id });
}

async function change(next: (state: SetState) => SetState): Promise<void> {
  const state = await readState();
  const after = next(state);
  if (!(await isStored(after.current))) return;
  await writeState(after);
  await broadcast({ type: "switched", id: after.current });
  await prune(after);
}

function tell(done: number, all: number): void {
  void broadcast({ type: "progress", done, all });
}

async function broadcast(message: FromServiceWorker): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage(message);
}

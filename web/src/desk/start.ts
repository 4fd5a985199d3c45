/**
 * Brings the worker up. With a service worker Python always comes from a stored, verified set: on the first visit the set is
 * stored first (one download, not two), later it is there at once. Without one (private windows, plain http) it comes
 * straight from the server.
 */
import { Rpc } from "../rpc/client.js";
import type { BootWay } from "../rpc/protocol.js";
import type { FromServiceWorker, ToServiceWorker } from "../sw/messages.js";
import { pinned, spawn, takeFirst } from "./spawn.js";
import { desk } from "./store.js";

const LOOK_EVERY = 30 * 60_000;

export async function start(opened: Promise<void>): Promise<void> {
  const base = new URL("./", import.meta.url);
  if (pinned(base)) {
    spawnFrom(base, opened);
    void holdSet(base);
    void watchForUpdates();
    return;
  }
  const id = await storedSet();
  if (!id) return spawnFrom(base, opened);
  const stored = new URL(`s/${id}/`, base);
  spawnFrom(stored, opened);
  void holdSet(stored);
  void watchForUpdates();
}

function spawnFrom(base: URL, opened: Promise<void>): void {
  const events = {
    ready: (way: BootWay, why: string, ms: number): void => {
      document.documentElement.dataset["boot"] = way;
      performance.mark("autolytiq:python-ready", { detail: { way, why, ms } });
      desk.workerReady(way);
    },
    lost: (message: string, attempts: number): void => {
      console.info(`The worker stopped: ${message}`);
      desk.workerLost(attempts >= 4, message);
    },
  };
  const rpc = new Rpc(() => takeFirst(base) ?? spawn(base), events);
  rpc.start();
  // Python starts at once; the first draft it is sent is the one that was kept here.
  void opened.then(() => desk.attach(rpc));
}

/** Id of the set that is stored, once it is; empty when there can be none here. */
async function storedSet(): Promise<string> {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return "";
  try {
    const registration = (await navigator.serviceWorker.register("/sw.js")) as ServiceWorkerRegistration | undefined;
    if (!registration) return "";
    const first = registration.installing ?? registration.waiting;
    if (!registration.active && first) {
      showProgress();
      const stored = await activated(first);
      desk.fetched = "";
      if (!stored) return "";
    }
    const worker = registration.active ?? first;
    return worker ? await ask(worker) : "";
  } catch (fault) {
    console.info("No service worker here; the page works, but only with the network.", fault);
    return "";
  }
}

/** The first visit stores the whole set before Python starts from it: how far that is, in words under the payment. */
function showProgress(): void {
  navigator.serviceWorker.addEventListener("message", (event: MessageEvent<FromServiceWorker>) => {
    if (event.data.type !== "progress" || event.data.done >= event.data.all) return;
    desk.fetched = `first start, ${Math.floor((event.data.done / event.data.all) * 100)} % stored`;
    desk.changed();
  });
  navigator.serviceWorker.startMessages();
}

function activated(worker: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (worker.state === "activated") resolve(true);
      if (worker.state === "redundant") resolve(false);
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

function ask(worker: ServiceWorker): Promise<string> {
  return new Promise((resolve) => {
    const heard = (event: MessageEvent<FromServiceWorker>): void => {
      if (event.data.type !== "sets") return;
      navigator.serviceWorker.removeEventListener("message", heard as EventListener);
      resolve(event.data.current);
    };
    navigator.serviceWorker.addEventListener("message", heard as EventListener);
    navigator.serviceWorker.startMessages();
    say(worker, { type: "which" });
  });
}

/** As long as this page lives, its set is not thrown away. */
function holdSet(base: URL): Promise<void> {
  const id = base.pathname.split("/").at(-2) ?? "";
  return navigator.locks.request(`set-${id}`, { mode: "shared" }, () => new Promise<void>(() => undefined));
}

async function watchForUpdates(): Promise<void> {
  navigator.serviceWorker.addEventListener("message", (event: MessageEvent<FromServiceWorker>) => {
    if (event.data.type === "update-ready") desk.updateReady = true;
    if (event.data.type === "server") desk.offline = !event.data.reached || !navigator.onLine;
    if (event.data.type === "sets") desk.previousSet = event.data.previous;
    desk.changed();
  });
  navigator.serviceWorker.startMessages();
  const registration = await navigator.serviceWorker.getRegistration();
  const look = (): void => {
    registration?.update().catch(() => undefined);
    if (!registration?.active) return;
    say(registration.active, { type: "which" });
    say(registration.active, { type: "check" });
  };
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  setInterval(look, LOOK_EVERY);
  // Not in the way of the first figures.
  setTimeout(look, 3_000);
}

/** Go over to the set that is ready: the edit in the open field is committed and stored first, then the page is loaded again. */
export async function takeUpdate(): Promise<void> {
  (document.activeElement as HTMLElement | null)?.blur();
  await desk.shelf.toDisk();
  const worker = navigator.serviceWorker.controller;
  if (!worker || desk.saveFault) return;
  reloadWhenSwitched();
  say(worker, { type: "switch" });
}

function reloadWhenSwitched(): void {
  navigator.serviceWorker.addEventListener("message", (event: MessageEvent<FromServiceWorker>) => {
    if (event.data.type === "switched") location.reload();
  });
}

function say(worker: ServiceWorker, message: ToServiceWorker): void {
  worker.postMessage(message);
}

/** Back to the version before the last update, which is still stored here. */
export async function goBack(): Promise<void> {
  await desk.shelf.toDisk();
  const worker = navigator.serviceWorker.controller;
  if (!worker || desk.saveFault) return;
  reloadWhenSwitched();
  say(worker, { type: "back" });
}

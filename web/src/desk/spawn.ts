/**
 * Workers. The first one is started by the very first script of the page (`first.ts`), long before the page itself runs, and
 * waits here to be taken over.
 */
import { PLAIN } from "../rpc/protocol.js";

declare global {
  var firstWorker: { readonly base: string; worker: Worker | null } | undefined;
}

/** A worker of the set (or, without one, of the server) at this address; `?boot=plain` never uses a snapshot. */
export function spawn(base: URL): Worker {
  const plain = new URLSearchParams(location.search).get("boot") === "plain";
  return new Worker(new URL("worker.js", base), { type: "module", name: "autolytiq" + (plain ? PLAIN : "") });
}

/** Starts one when this page came from a stored set; what it says is heard once it was taken over. */
export function spawnFirst(base: URL): void {
  if (!pinned(base)) return;
  const first = { base: base.href, worker: spawn(base) as Worker | null };
  // One that could not even be loaded is nobody's: the next is started by who wants one.
  first.worker!.onerror = () => (first.worker = null);
  globalThis.firstWorker = first;
}

/** The one that is starting already, once. */
export function takeFirst(base: URL): Worker | null {
  const first = globalThis.firstWorker;
  globalThis.firstWorker = undefined;
  return first?.base === base.href ? first.worker : null;
}

/** Whether an address lies in a stored set. */
export const pinned = (base: URL): boolean => /\/s\/[\w.-]+\/$/.test(base.pathname);

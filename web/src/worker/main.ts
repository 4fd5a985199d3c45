/**
 * The worker: Python with pyapp, and the tax engine beside it. One call at a time; bytes in, bytes out. It starts by itself
 * as soon as it is loaded; its name says how.
 */
import { PLAIN, type Call, type FromWorker, type ToWorker } from "../rpc/protocol.js";
import { boot, type Booted } from "./boot.js";

declare const self: DedicatedWorkerGlobalScope;
const scope = self;
/** Milliseconds until the work that nobody waits for: a restored Python wants its files soon, storing a snapshot takes long. */
const AFTER_RESTORE = 300;
const AFTER_PLAIN = 1_500;

let python: Booted | null = null;
const queue: Call[] = [];

const begun = performance.now();
const booting = boot(scope.name.endsWith(PLAIN) ? "plain" : "auto").then((booted): FromWorker => {
  python = booted;
  return { kind: "ready", way: booted.way, why: booted.why, ms: performance.now() - begun };
});
booting.catch(() => undefined);

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.kind) {
    case "report":
      void report();
      return;
    case "call":
      queue.push(message);
      // A task later: a cancel that is already on its way is heard before the work begins.
      setTimeout(next);
      return;
    case "cancel": {
      const at = queue.findIndex((call) => call.id === message.id);
      if (at >= 0) queue.splice(at, 1);
      return;
    }
  }
};

/** The page listens now, perhaps later than Python was ready. */
async function report(): Promise<void> {
  try {
    say(await booting);
    while (queue.length) next();
    setTimeout(() => void python?.afterReady(), python?.way === "snapshot" ? AFTER_RESTORE : AFTER_PLAIN);
  } catch (fault) {
    say({ kind: "broken", message: fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault) });
  }
}

function next(): void {
  if (!python) return;
  const call = queue.shift();
  if (!call) return;
  const started = performance.now();
  try {
    const body = python.handle(call.method, call.body);
    say({ kind: "answer", id: call.id, body, ms: performance.now() - started, heap: python.heapBytes() }, [body.buffer]);
  } catch (fault) {
    say({ kind: "failed", id: call.id, message: fault instanceof Error ? fault.message : String(fault) });
  }
}

function say(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

/** The worker: Python with pyapp, and the tax engine beside it. One call at a time; bytes in, bytes out. */
import type { Call, FromWorker, ToWorker } from "../rpc/protocol.js";
import { boot, type Booted } from "./boot.js";

declare const self: DedicatedWorkerGlobalScope;
const scope = self;
let python: Booted | null = null;
const queue: Call[] = [];

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.kind) {
    case "boot":
      void start(message.mode);
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

async function start(mode: "auto" | "plain"): Promise<void> {
  try {
    const begun = performance.now();
    python = await boot(mode);
    say({ kind: "ready", way: python.way, why: python.why, ms: performance.now() - begun });
    while (queue.length) next();
    setTimeout(() => void python?.afterReady(), 1_500);
  } catch (fault) {
    say({ kind: "broken", message: fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault) });
  }
}

function next(): void {
  if (!python) return;
  const call = queue.shift();
  if (!call) return;
  const begun = performance.now();
  try {
    const body = python.handle(call.method, call.body);
    say({ kind: "answer", id: call.id, body, ms: performance.now() - begun, heap: python.heapBytes() }, [body.buffer]);
  } catch (fault) {
    say({ kind: "failed", id: call.id, message: fault instanceof Error ? fault.message : String(fault) });
  }
}

function say(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

/**
 * One typed call to the worker: id, method, bytes, timeout, cancel. Calls made while Python starts wait for it; a worker that
 * dies or does not answer is replaced, and what was on its way is refused with `WorkerLost` so that the caller asks again.
 */
import type { BootWay, FromWorker, ToWorker } from "./protocol.js";

/** The worker died under this call; nothing is wrong with the call itself. */
export class WorkerLost extends Error {}
/** The caller withdrew the call. */
export class Cancelled extends Error {}

export interface Answer {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Milliseconds inside the worker. */
  readonly ms: number;
}

export interface RpcEvents {
  ready(way: BootWay, why: string, ms: number): void;
  /** The worker is being replaced (or, after `attempts` in a row, could not be). */
  lost(message: string, attempts: number): void;
}

interface Waiting {
  readonly method: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly timeout: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (fault: Error) => void;
  timer: number;
  sent: boolean;
}

const BOOT_TIMEOUT = 120_000;
const CALL_TIMEOUT = 15_000;
/** Python's memory never shrinks; past this many bytes the worker is replaced between two calls. */
const HEAP_LIMIT = 400 * 1024 * 1024;
const GIVE_UP_AFTER = 4;

export class Rpc {
  #worker: Worker | null = null;
  #ready = false;
  #bootTimer = 0;
  #attempts = 0;
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly spawn: () => Worker,
    private readonly events: RpcEvents,
  ) {}

  start(): void {
    this.#attempts = 0;
    this.#spawn();
  }

  call(method: string, body: Uint8Array<ArrayBuffer>, options: { timeout?: number; signal?: AbortSignal } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const call: Waiting = { method, body, timeout: options.timeout ?? CALL_TIMEOUT, resolve, reject, timer: 0, sent: false };
      this.#waiting.set(id, call);
      options.signal?.addEventListener("abort", () => {
        if (!this.#take(id)) return;
        if (call.sent) this.#post({ kind: "cancel", id });
        reject(new Cancelled());
      });
      if (this.#ready) this.#send(id, call);
    });
  }

  #spawn(): void {
    this.#ready = false;
    const worker = this.spawn();
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => worker === this.#worker && this.#heard(event.data);
    worker.onerror = (event) => worker === this.#worker && this.#lost(event.message || "the worker stopped");
    worker.onmessageerror = () => worker === this.#worker && this.#lost("a message could not be read");
    this.#bootTimer = window.setTimeout(() => this.#lost("starting took too long"), BOOT_TIMEOUT);
    this.#post({ kind: "report" });
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #send(id: number, call: Waiting): void {
    call.sent = true;
    call.timer = window.setTimeout(() => this.#lost(`${call.method} took too long`), call.timeout);
    this.#post({ kind: "call", id, method: call.method, body: call.body });
  }

  #take(id: number): Waiting | undefined {
    const call = this.#waiting.get(id);
    if (call) {
      clearTimeout(call.timer);
      this.#waiting.delete(id);
    }
    return call;
  }

  #heard(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        clearTimeout(this.#bootTimer);
        this.#ready = true;
        this.events.ready(message.way, message.why, message.ms);
        for (const [id, call] of this.#waiting) this.#send(id, call);
        return;
      case "broken":
        this.#lost(message.message);
        return;
      case "answer":
        this.#attempts = 0;
        this.#take(message.id)?.resolve({ body: message.body, ms: message.ms });
        if (message.heap > HEAP_LIMIT && this.#waiting.size === 0) this.#lost("memory is used up");
        return;
      case "failed":
        this.#take(message.id)?.reject(new Error(message.message));
        return;
    }
  }

  #lost(message: string): void {
    clearTimeout(this.#bootTimer);
    this.#worker?.terminate();
    this.#worker = null;
    this.#ready = false;
    this.#attempts += 1;
    // What was sent may be what killed it: the caller decides whether to ask again. What was not sent waits on.
    for (const [id, call] of this.#waiting) if (call.sent) this.#take(id)?.reject(new WorkerLost(message));
    this.events.lost(message, this.#attempts);
    if (this.#attempts < GIVE_UP_AFTER) window.setTimeout(() => this.#spawn(), 50 * this.#attempts ** 2);
  }
}

/**
 * Starts Python: from the snapshot of this set when there is one that is whole, else plainly; a plain start on a stored set
 * takes the snapshot for the next time. What was tried and failed is said, never hidden.
 */
import type { BootWay } from "../rpc/protocol.js";
import { ENGINE_JS, ENGINE_WASM, LAW, LOCK, PYAPP, PYAPP_PATH, setId, STDLIB, STDLIB_PATH } from "./places.js";
import { getReady, load, type Pyodide, type PyProxy } from "./pyodide.js";
import { CALL, CALL_AFTER_RESTORE, START } from "./python.js";
import * as snapshot from "./snapshot.js";

export interface Booted {
  readonly way: BootWay;
  /** Why not the other way; empty when the snapshot was used. */
  readonly why: string;
  handle(method: string, body: Uint8Array): Uint8Array<ArrayBuffer>;
  heapBytes(): number;
  /** Work that nobody waits for: storing the snapshot, giving a restored Python its files back. */
  afterReady(): Promise<void>;
}

type Glue = PyProxy & ((method: string, body: Uint8Array) => PyProxy);

export async function boot(mode: "auto" | "plain"): Promise<Booted> {
  // In the order in which they are waited for.
  getReady(mode === "auto" && setId !== "");
  const finding = mode === "auto" ? snapshot.find() : Promise.resolve(null);
  const starting = engine();
  // A part that cannot be had is reported where it is awaited, not as an unhandled rejection before.
  starting.catch(() => undefined);

  let why = "asked for";
  if (mode === "auto") {
    const stored = await finding;
    if (stored) {
      try {
        return await restored(stored, starting);
      } catch (fault) {
        why = fault instanceof Error ? fault.message : String(fault);
        await snapshot.drop();
      }
    } else {
      why = setId ? "first visit" : "no stored set";
    }
  }
  return plain(starting, why, mode === "auto" && setId !== "");
}

/** Everything is in the memory already: Python, msgspec, pyapp with the law, and what its first computing made. */
async function restored(stored: Response, starting: Promise<object>): Promise<Booted> {
  const keepsake = snapshot.read(stored);
  keepsake.catch(() => undefined);
  const head = snapshot.emptyHead();
  let engine: object = {};
  const py = await load({
    // What it would import is in the memory: of its standard library only the place is taken, by a small file, until later.
    options: { _loadSnapshot: head, _snapshotDeserializer: () => engine, stdLibURL: LOCK },
    extension: true,
    made: async (module) => {
      const kept = await keepsake;
      engine = await starting;
      kept.restore(module, head);
    },
  });
  const call = caller(py, CALL_AFTER_RESTORE);
  return { ...call, way: "snapshot", why: "", afterReady: () => giveFilesBack(py) };
}

async function plain(starting: Promise<object>, why: string, takeSnapshot: boolean): Promise<Booted> {
  const parts = { law: bytes(LAW), pyapp: bytes(PYAPP) };
  for (const part of Object.values(parts)) part.catch(() => undefined);
  const py = await load({ options: takeSnapshot ? { _makeSnapshot: true } : {}, extension: takeSnapshot });
  const complaints: string[] = [];
  await py.loadPackage("msgspec", {
    messageCallback: () => undefined,
    errorCallback: (message: string) => complaints.push(message),
  });
  // A failed load resolves all the same.
  if (complaints.length) throw new Error(complaints.join("; "));
  const engine = await starting;
  py.registerJsModule("tax_engine_js", engine);
  py.FS.writeFile(PYAPP_PATH, await parts.pyapp);
  const start = py.runPython(START) as PyProxy & ((law: Uint8Array, warm: boolean) => string);
  const cold = start(await parts.law, takeSnapshot);
  start.destroy();
  if (cold) console.info(`No snapshot is taken; the next start is a plain one. ${cold}`);
  let kept = takeSnapshot && !cold ? snapshot.take(py, engine) : null;
  const afterReady = async (): Promise<void> => {
    if (!kept) return;
    try {
      await snapshot.keep(kept);
    } catch (fault) {
      console.info("The snapshot could not be stored; the next start is a plain one.", fault);
    }
    kept = null;
  };
  return { ...caller(py, CALL), way: "plain", why, afterReady };
}

/** The one function of Python that takes the page's calls. */
function caller(py: Pyodide, expression: string): Pick<Booted, "handle" | "heapBytes"> {
  const glue = py.runPython(expression) as Glue;
  return {
    handle: (method, body) => {
      const answer = glue(method, body);
      const copy = answer.toJs() as Uint8Array<ArrayBuffer>;
      answer.destroy();
      return copy;
    },
    heapBytes: () => py._module.HEAPU8.byteLength,
  };
}

async function engine(): Promise<object> {
  const module = (await import(ENGINE_JS)) as {
    default(options: { module_or_path: Promise<Response> }): Promise<unknown>;
    quote: unknown;
    quote_many: unknown;
    needs: unknown;
    pack_info: unknown;
  };
  await module.default({ module_or_path: fetch(ENGINE_WASM) });
  const { quote, quote_many, needs, pack_info } = module;
  return { quote, quote_many, needs, pack_info };
}

async function bytes(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** A snapshot holds no files: with the archives back in their places, what is imported later is found. */
async function giveFilesBack(py: Pyodide): Promise<void> {
  const [library, pyapp] = await Promise.all([bytes(STDLIB), bytes(PYAPP)]);
  py.FS.writeFile(STDLIB_PATH, library);
  py.FS.writeFile(PYAPP_PATH, pyapp);
}

/**
 * Starts Python: from the snapshot of this set when there is one that is whole, else plainly; a plain start on a stored set
 * takes the snapshot for the next time. What was tried and failed is said, never hidden.
 */
import type { BootWay } from "../rpc/protocol.js";
import { ENGINE_JS, ENGINE_WASM, LAW, LOCK, PYAPP, PYODIDE, setId } from "./places.js";
import type { Pyodide, PyProxy } from "./pyodide.js";
import { BYTE_CODE, GLUE, INTO_SNAPSHOT } from "./python.js";
import * as snapshot from "./snapshot.js";

export interface Booted {
  readonly way: BootWay;
  /** Why not the other way; empty when the snapshot was used. */
  readonly why: string;
  handle(method: string, body: Uint8Array): Uint8Array<ArrayBuffer>;
  heapBytes(): number;
  /** Work that nobody waits for: storing the snapshot, giving lazily imported modules their files back. */
  afterReady(): Promise<void>;
}

/** The parts that are fetched while Python starts. */
interface Parts {
  readonly engine: Promise<object>;
  readonly law: Promise<Uint8Array>;
  readonly pyapp: Promise<Uint8Array>;
}

export async function boot(mode: "auto" | "plain"): Promise<Booted> {
  const finding = mode === "auto" ? snapshot.find() : Promise.resolve(null);
  getReady();
  const parts: Parts = { engine: engine(), law: bytes(LAW), pyapp: bytes(PYAPP) };
  // A part that cannot be had is reported where it is awaited, not as an unhandled rejection before.
  for (const part of Object.values(parts) as Promise<unknown>[]) part.catch(() => undefined);

  let why = "asked for";
  if (mode === "auto") {
    const stored = await finding;
    if (stored) {
      try {
        return await restored(stored, parts);
      } catch (fault) {
        why = fault instanceof Error ? fault.message : String(fault);
        await snapshot.drop();
      }
    } else {
      why = setId ? "first visit" : "no stored set";
    }
  }
  return plain(parts, why, mode === "auto" && setId !== "");
}

async function restored(stored: Response, parts: Parts): Promise<Booted> {
  const keepsake = snapshot.read(stored);
  keepsake.catch(() => undefined);
  const py = await load({ _loadSnapshot: keepsake.then(({ memory }) => memory) });
  const app = await install(py, parts, (await keepsake).files);
  return { ...app, way: "snapshot", why: "", afterReady: () => giveStandardLibraryBack(py) };
}

async function plain(parts: Parts, why: string, takeSnapshot: boolean): Promise<Booted> {
  const py = await load(takeSnapshot ? { _makeSnapshot: true } : {});
  let memory: Uint8Array<ArrayBuffer> | null = null;
  if (takeSnapshot) {
    py.runPython(INTO_SNAPSHOT);
    memory = py.makeMemorySnapshot();
  }
  const app = await install(py, parts, []);
  const afterReady = async (): Promise<void> => {
    if (!memory) return;
    try {
      await snapshot.keep({ memory, files: byteCode(py) });
    } catch (fault) {
      console.info("The snapshot could not be stored; the next start is a plain one.", fault);
    }
    memory = null;
  };
  return { ...app, way: "plain", why, afterReady };
}

/**
 * Begin at once with what Pyodide would do one after the other: its scripts, and compiling its wasm, which it would start
 * only when the snapshot is there.
 */
function getReady(): void {
  for (const script of ["pyodide.mjs", "pyodide.asm.mjs"]) import(PYODIDE + script).catch(() => undefined);
  const address = PYODIDE + "pyodide.asm.wasm";
  const compiling = WebAssembly.compileStreaming(fetch(address));
  compiling.catch(() => undefined);
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const response = await source;
    if (response.url !== address) return instantiate.call(WebAssembly, response, imports);
    void response.body?.cancel();
    const module = await compiling;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
}

async function load(options: object): Promise<Pyodide> {
  const { loadPyodide } = (await import(PYODIDE + "pyodide.mjs")) as {
    loadPyodide(options: object): Promise<Pyodide>;
  };
  return loadPyodide({ indexURL: PYODIDE, lockFileURL: LOCK, packageBaseUrl: PYODIDE, ...options });
}

/** msgspec, the engine and pyapp, in this order: the engine's module cannot be part of a snapshot, pyapp imports msgspec. */
async function install(
  py: Pyodide,
  parts: Parts,
  compiled: snapshot.Keepsake["files"],
): Promise<Pick<Booted, "handle" | "heapBytes">> {
  const complaints: string[] = [];
  await py.loadPackage("msgspec", {
    messageCallback: () => undefined,
    errorCallback: (message: string) => complaints.push(message),
  });
  // A failed load resolves all the same.
  if (complaints.length) throw new Error(complaints.join("; "));
  for (const [path, body] of compiled) {
    py.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    py.FS.writeFile(path, body);
  }
  py.registerJsModule("tax_engine_js", await parts.engine);
  py.FS.writeFile("/lib/pyapp.zip", await parts.pyapp);
  const glue = py.runPython(GLUE) as PyProxy & ((method: string, body: Uint8Array) => PyProxy);
  const call = (method: string, body: Uint8Array): Uint8Array<ArrayBuffer> => {
    const answer = glue(method, body);
    const copy = answer.toJs() as Uint8Array<ArrayBuffer>;
    answer.destroy();
    return copy;
  };
  call("", await parts.law);
  return { handle: call, heapBytes: () => py._module.HEAPU8.byteLength };
}

/** The byte code of the packages that came as source, as Python itself would have kept it. */
function byteCode(py: Pyodide): [string, Uint8Array][] {
  const found = py.runPython(BYTE_CODE) as PyProxy;
  const files = found.toJs() as [string, Uint8Array][];
  found.destroy();
  return files;
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

/** A restored interpreter has no files of the standard library: with its zip back in place, later imports work too. */
async function giveStandardLibraryBack(py: Pyodide): Promise<void> {
  py.FS.mkdirTree("/lib");
  const path = py.runPython("import sys; next((p for p in sys.path if p.endswith('.zip') and 'pyapp' not in p), '')") as string;
  if (path) py.FS.writeFile(path, await bytes(PYODIDE + "python_stdlib.zip"));
}

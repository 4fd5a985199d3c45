/** Bringing Pyodide up. Its snapshot functions and its module are not in the published types; this is the part in use. */
import { EXTENSION, EXTENSION_PATH, LOCK, PYODIDE } from "./places.js";

export interface PyProxy {
  toJs(): unknown;
  destroy(): void;
}

/** What Emscripten makes: memory, and the table of functions that the memory points into. */
export interface PyodideModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly wasmTable: { readonly length: number };
  growMemory(bytes: number): unknown;
}

export interface Pyodide {
  runPython(code: string): unknown;
  loadPackage(
    name: string,
    options: { messageCallback(message: string): void; errorCallback(message: string): void },
  ): Promise<unknown>;
  registerJsModule(name: string, module: object): void;
  makeMemorySnapshot(options: { serializer(object: unknown): unknown }): Uint8Array<ArrayBuffer>;
  readonly loadedPackages: Record<string, string>;
  readonly FS: {
    writeFile(path: string, data: Uint8Array): void;
  };
  readonly _module: PyodideModule;
}

interface Settings {
  dynamicLibraries?: string[];
  locateFile(path: string): string;
}

interface Loading {
  /** Further options of `loadPyodide`. */
  readonly options: object;
  /**
   * Whether msgspec's compiled part is linked before Python runs. Then it lies at the same place in each start, which a
   * snapshot that holds it needs; else Python links it when msgspec is imported.
   */
  readonly extension: boolean;
  /** Called when memory and functions stand and nothing of Python ran yet. */
  made?(module: PyodideModule): Promise<void>;
}

const ASM = PYODIDE + "pyodide.asm.mjs";
const WASM = PYODIDE + "pyodide.asm.wasm";

/**
 * Begin at once with what Pyodide would do one after the other: its scripts, and compiling its wasm. What is fetched goes to
 * the compiler as it comes, so that the browser finds the code that it compiled before. When Pyodide asks for the same, it
 * gets a stand-in, and for that the module that is on its way; msgspec's compiled part it gets as it was fetched here.
 * `extension` as in `Loading`.
 */
export function getReady(extension: boolean): void {
  const { fetch } = globalThis;
  const compiling = WebAssembly.compileStreaming(fetch(WASM));
  compiling.catch(() => undefined);
  for (const script of [PYODIDE + "pyodide.mjs", ASM]) import(script).catch(() => undefined);
  const standIn = new Response();
  let part = extension ? fetch(EXTENSION) : null;
  part?.catch(() => undefined);
  globalThis.fetch = (input, init) => {
    const address = String(input);
    if (address === WASM) return Promise.resolve(standIn);
    const begun = address === EXTENSION ? part : null;
    if (begun) part = null;
    return begun ?? fetch(input, init);
  };
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const response = await source;
    if (response !== standIn) return instantiate.call(WebAssembly, response, imports);
    const module = await compiling;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
}

export async function load({ options, extension, made }: Loading): Promise<Pyodide> {
  const { loadPyodide } = (await import(PYODIDE + "pyodide.mjs")) as {
    loadPyodide(options: object): Promise<Pyodide>;
  };
  const createPyodideModule = async (settings: Settings): Promise<PyodideModule> => {
    const { default: create } = (await import(ASM)) as { default(settings: Settings): Promise<PyodideModule> };
    if (extension) {
      const locate = settings.locateFile;
      settings.dynamicLibraries = [EXTENSION_PATH];
      settings.locateFile = (path) => (path === EXTENSION_PATH ? EXTENSION : locate(path));
    }
    const module = await create(settings);
    await made?.(module);
    return module;
  };
  return loadPyodide({ indexURL: PYODIDE, lockFileURL: LOCK, packageBaseUrl: PYODIDE, createPyodideModule, ...options });
}

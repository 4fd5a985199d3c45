/** Where the parts of the set lie, relative to the worker's own address. */
const base = new URL("./", self.location.href);

export const at = (path: string): string => new URL(path, base).href;

/** Id of the set this worker was loaded from; empty when it came from the server without a service worker between. */
export const setId = /\/s\/([\w.-]+)\/$/.exec(base.pathname)?.[1] ?? "";

export const PYODIDE = at("pyodide/");
export const LOCK = at("pyodide/pyodide-lock.json");
export const STDLIB = at("pyodide/python_stdlib.zip");
export const PYAPP = at("pyapp.zip");
export const ENGINE_JS = at("engine/tax_engine.js");
export const ENGINE_WASM = at("engine/tax_engine_bg.wasm");
export const LAW = at("law.json");

/** Where Python looks for its standard library and for pyapp. */
export const STDLIB_PATH = "/lib/python314.zip";
export const PYAPP_PATH = "/lib/pyapp.zip";

/** msgspec's compiled part: where Python looks for it, and where the set has it. */
const extension = "msgspec/_core.cpython-314-wasm32-emscripten.so";
export const EXTENSION_PATH = "/lib/python3.14/site-packages/" + extension;
export const EXTENSION = at("pyodide/" + extension);

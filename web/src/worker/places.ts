/** Where the parts of the set lie, relative to the worker's own address. */
const base = new URL("./", self.location.href);

export const at = (path: string): string => new URL(path, base).href;

/** Id of the set this worker was loaded from; empty when it came from the server without a service worker between. */
export const setId = /\/s\/([\w.-]+)\/$/.exec(base.pathname)?.[1] ?? "";

export const PYODIDE = at("pyodide/");
export const LOCK = at("pyodide/pyodide-lock.json");
export const PYAPP = at("pyapp.zip");
export const ENGINE_JS = at("engine/tax_engine.js");
export const ENGINE_WASM = at("engine/tax_engine_bg.wasm");
export const LAW = at("law.json");

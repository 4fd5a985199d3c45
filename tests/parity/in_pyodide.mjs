// Runs the shipped set's Python and tax engine in Node: calls of the worker on standard input, its answers on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const site = process.argv[2];
const pyodide = `${site}/pyodide/`;
const { loadPyodide } = await import(pathToFileURL(`${pyodide}pyodide.mjs`).href);
const engine = await import(pathToFileURL(`${site}/engine/tax_engine.js`).href);

const py = await loadPyodide({ indexURL: pyodide, lockFileURL: `${pyodide}pyodide-lock.json`, packageBaseUrl: pyodide });
await py.loadPackage("msgspec", { messageCallback: () => undefined });
engine.initSync({ module: readFileSync(`${site}/engine/tax_engine_bg.wasm`) });
const { quote, quote_many, needs } = engine;
py.registerJsModule("tax_engine_js", { quote, quote_many, needs });
py.FS.writeFile("/lib/pyapp.zip", new Uint8Array(readFileSync(`${site}/pyapp.zip`)));
const call = py.runPython(`
import sys
sys.path.insert(0, "/lib/pyapp.zip")
from pyapp import worker
def call(method, body):
    if method == "":
        worker.start(body.to_bytes())
        return ""
    return worker.handle(method, body.encode()).decode()
call
`);
call("", new Uint8Array(readFileSync(`${site}/law.json`)));
const parts = [];
for await (const part of process.stdin) parts.push(part);
const asked = JSON.parse(Buffer.concat(parts).toString("utf8"));
process.stdout.write(JSON.stringify(asked.map(([method, body]) => call(method, body))));

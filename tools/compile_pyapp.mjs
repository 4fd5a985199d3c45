/**
 * Compiles pyapp for the browser's Python: `node tools/compile_pyapp.mjs PYODIDE_FOLDER SOURCE_FOLDER OUT.zip`.
 *
 * Byte code belongs to one version of Python, so the very interpreter that will run it compiles it. The zip is stored,
 * not deflated (brotli does better on it), with one fixed time, so that the same source gives the same bytes.
 */
import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, source, out] = process.argv.slice(2).map((path) => resolve(path));
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")).href);

const entries = await readdir(source, { recursive: true, withFileTypes: true });
const modules = entries
  .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
  .map((entry) => join(basename(source), relative(source, join(entry.parentPath, entry.name))))
  .sort();

const py = await loadPyodide({
  indexURL: pyodideFolder + "/",
  lockFileContents: Promise.resolve(JSON.stringify({
    ...JSON.parse(await readFile(join(pyodideFolder, "pyodide-lock.json"), "utf8")), packages: {} })),
  env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
});
for (const name of modules) {
  const target = "/source/" + name;
  py.FS.mkdirTree(target.slice(0, target.lastIndexOf("/")));
  py.FS.writeFile(target, new Uint8Array(await readFile(join(source, "..", name))));
}
py.globals.set("modules", py.toPy(modules));
const zip = py.runPython(`
import importlib._bootstrap_external as external
import importlib.util
import io
import zipfile

def byte_code(name):
    source = open("/source/" + name, "rb").read()
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    # "Unchecked by hash": the browser has no source beside it to compare with.
    return bytes(external._code_to_hash_pyc(code, importlib.util.source_hash(source), False))

memory = io.BytesIO()
with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
    for name in modules:
        entry = zipfile.ZipInfo(name + "c", (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, byte_code(name))
memory.getvalue()
`);
await writeFile(out, zip.toJs());
zip.destroy();
console.log(`${modules.length} modules`);
process.exit(0);

/**
 * Makes our own pyodide-lock.json: `node tools/pyodide_lock.mjs PYODIDE_FOLDER WHEEL_FOLDER OUT`.
 *
 * micropip, running in Pyodide itself, decides which wheels belong together and freezes what it installed. It starts
 * from a lock that holds nothing but micropip: started from the stock lock, the result would name some 350 packages
 * that we do not ship. File names come out bare and hashes are those of the files, so the browser checks what it gets.
 */
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, wheelFolder, out] = process.argv.slice(2).map((path) => resolve(path));
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")).href);

const sha256 = async (name) => createHash("sha256").update(await readFile(join(wheelFolder, name))).digest("hex");
const wheels = (await readdir(wheelFolder)).filter((name) => name.endsWith(".whl")).sort();
const micropip = wheels.find((name) => name.startsWith("micropip-"));
if (!micropip) throw new Error("the wheel folder holds no micropip");

const stock = JSON.parse(await readFile(join(pyodideFolder, "pyodide-lock.json"), "utf8"));
const seed = {
  info: stock.info,
  packages: { micropip: { ...stock.packages.micropip, file_name: micropip, sha256: await sha256(micropip) } },
};

const py = await loadPyodide({
  indexURL: pyodideFolder + "/",
  lockFileContents: Promise.resolve(JSON.stringify(seed)),
  packageBaseUrl: wheelFolder + "/",
  packageCacheDir: wheelFolder,
  env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
});
let failed = "";
await py.loadPackage("micropip", { errorCallback: (text) => (failed += text + "\n"), messageCallback: () => {} });
if (failed) throw new Error(failed);

py.FS.mkdirTree("/wheels");
const ours = wheels.filter((name) => name !== micropip);
for (const name of ours) py.FS.writeFile("/wheels/" + name, new Uint8Array(await readFile(join(wheelFolder, name))));
py.globals.set("names", py.toPy(ours.map((name) => "emfs:/wheels/" + name)));
const frozen = JSON.parse(
  await py.runPythonAsync(`
import micropip
await micropip.install(names, deps=True)
micropip.freeze()
`),
);

// micropip itself is a tool of the build: the browser needs only what it resolved.
delete frozen.packages.micropip;
for (const entry of Object.values(frozen.packages)) {
  entry.file_name = entry.file_name.split("/").pop();
  entry.sha256 = await sha256(entry.file_name);
}
const sorted = Object.fromEntries(Object.entries(frozen.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(out, JSON.stringify({ info: frozen.info, packages: sorted }, null, 1) + "\n");
console.log(Object.values(sorted).map((entry) => `${entry.name} ${entry.version}`).join(", "));
process.exit(0);

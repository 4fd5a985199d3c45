/**
 * Bundles the page into a folder: `node web/build.mjs OUTDIR [--dev]`.
 *
 * Emits index.html, app.js, app.css, worker.js, sw.js, first.js, icon.svg, manifest.webmanifest and the font. Names carry no
 * hash: the set (set.json, which the build writes over all files of the site) names every file by its SHA-256, and the
 * service worker serves each set under its own prefix.
 */
import { build } from "esbuild";
import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const args = process.argv.slice(2);
const dev = args.includes("--dev");
const outdir = args.find((a) => !a.startsWith("--"));
if (!outdir) {
  console.error("usage: node web/build.mjs OUTDIR [--dev]");
  process.exit(2);
}
const out = resolve(outdir);

/** Page JavaScript above this many bytes (minified, uncompressed) fails the build. */
const PAGE_LIMIT = 150_000;

const common = {
  bundle: true,
  minify: !dev,
  sourcemap: dev ? "inline" : false,
  target: ["es2022"],
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  nodePaths: process.env.NODE_PATH ? process.env.NODE_PATH.split(":") : [],
  absWorkingDir: here,
};

/** The size of type that a browser has when nobody asks for another. */
const USUAL_TYPE = 16;
/** Lines up to so many pixels stay as thin as they are. */
const HAIRLINE = 3;

/**
 * The looks are written in pixels, as they were drawn. For a reader who asks the browser for larger type they grow with it, as
 * with zoom: boxes with their texts, and the width at which the layout becomes a narrower one.
 */
const scaled = {
  name: "scaled",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => ({ loader: "css", contents: scale(await readFile(path, "utf8")) }));
  },
};

function scale(css) {
  const by = (unit, least) => (text, n) => (Math.abs(n) <= least ? text : `${n / USUAL_TYPE}${unit}`);
  const pixels = /(-?\d*\.?\d+)px\b/g;
  return css.replace(/@(?:media|container)[^{]*|(-?\d*\.?\d+)px\b/g, (text, n) =>
    n === undefined ? text.replace(pixels, by(text.startsWith("@media") ? "em" : "rem", 0)) : by("rem", HAIRLINE)(text, n),
  );
}

await mkdir(join(out, "fonts"), { recursive: true });
await Promise.all([
  build({ ...common, entryPoints: ["src/main.ts"], outfile: join(out, "app.js") }),
  build({ ...common, entryPoints: ["src/worker/main.ts"], outfile: join(out, "worker.js") }),
  build({ ...common, entryPoints: ["src/sw/main.ts"], outfile: join(out, "sw.js"), format: "iife" }),
  build({ ...common, entryPoints: ["src/first.ts"], outfile: join(out, "first.js"), format: "iife" }),
  build({ ...common, entryPoints: ["styles/app.css"], outfile: join(out, "app.css"), external: ["./fonts/*"], plugins: [scaled] }),
  cp(join(here, "index.html"), join(out, "index.html")),
  cp(join(here, "static"), out, { recursive: true }),
  font(),
]);

const size = (await stat(join(out, "app.js"))).size;
if (!dev && size > PAGE_LIMIT) {
  console.error(`app.js is ${size} bytes; the page may have ${PAGE_LIMIT}`);
  process.exit(1);
}
console.log(`page: app.js ${size} bytes`);

/** The font from its npm package, with its licence beside it. */
async function font() {
  const name = "instrument-sans-latin-wght-normal.woff2";
  const root = dirname(require.resolve("@fontsource-variable/instrument-sans/package.json"));
  await cp(join(root, "files", name), join(out, "fonts", name));
  await writeFile(join(out, "fonts", "LICENSE-instrument-sans.txt"), await readFile(join(root, "LICENSE")));
}

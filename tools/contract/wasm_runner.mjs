/**
 * Runs the wasm package on standard input: `node wasm_runner.mjs PACKAGE quote|quote_many`.
 * Frames in, frames out: a 32-bit little-endian length, then the bytes.
 */
import { readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, name] = process.argv.slice(2);
const engine = await import(pathToFileURL(join(resolve(folder), "tax_engine.js")).href);
engine.initSync({ module: readFileSync(join(folder, "tax_engine_bg.wasm")) });

const input = readFileSync(0);
const parts = [];
for (let at = 0; at < input.length; ) {
  const length = input.readUInt32LE(at);
  const answer = engine[name](new Uint8Array(input.subarray(at + 4, at + 4 + length)));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(answer.length);
  parts.push(head, Buffer.from(answer));
  at += 4 + length;
}
const all = Buffer.concat(parts);
for (let at = 0; at < all.length; ) at += writeSync(1, all, at);

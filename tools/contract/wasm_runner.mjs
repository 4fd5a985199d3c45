/**
 * Runs the wasm package on standard input: `node wasm_runner.mjs PACKAGE quote|quote_many`.
 * Frames in, frames out: a 64-bit little-endian length, then the bytes.
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
  const length = Number(input.readBigUInt64LE(at));
  const answer = engine[name](new Uint8Array(input.subarray(at + 8, at + 8 + length)));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(answer.length));
  parts.push(head, Buffer.from(answer));
  at += 8 + length;
}
const all = Buffer.concat(parts);
for (let at = 0; at < all.length; ) at += writeSync(1, all, at);

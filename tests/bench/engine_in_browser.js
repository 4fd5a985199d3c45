/* Measured inside the page, one thread: the engine's own package, called as the worker calls it. */
async ({ requests, batch, mode, seconds }) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const module = await import("/engine/tax_engine.js");
  const wasm = await (await fetch("/engine/tax_engine_bg.wasm")).arrayBuffer();
  const begun = performance.now();
  const exports = await module.default({ module_or_path: wasm });
  const ready = performance.now() - begun;
  if (mode === "ready") return { ready, memory: exports.memory.buffer.byteLength };

  const single = requests.map(bytes);
  const many = bytes(batch);
  const work = mode === "single" ? () => single.forEach((one) => module.quote(one)) : () => module.quote_many(many);
  work();
  let rounds = 0;
  const start = performance.now();
  let spent = 0;
  while ((spent = performance.now() - start) < seconds * 1000) {
    work();
    rounds += 1;
  }
  return { perSecond: (rounds * single.length * 1000) / spent, memory: exports.memory.buffer.byteLength };
}

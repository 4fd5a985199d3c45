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
  const times = mode === "single" ? 1 : 5;
  work();
  // The median of many rounds of some milliseconds, as fine as the clock tells: what else the machine does makes some of
  // them longer, not the most.
  const rounds = [];
  const end = performance.now() + seconds * 1000;
  for (let start = performance.now(); start < end; ) {
    for (let time = 0; time < times; time += 1) work();
    const now = performance.now();
    rounds.push(now - start);
    start = now;
  }
  rounds.sort((a, b) => a - b);
  const median = rounds[Math.floor(rounds.length / 2)];
  return { perSecond: (times * single.length * 1000) / median, memory: exports.memory.buffer.byteLength };
};

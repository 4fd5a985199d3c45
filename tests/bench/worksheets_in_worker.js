/* Starts the real worker and sends it one draft after the other; answers the milliseconds that each took inside it. */
async ({ calls, warm }) => {
  const worker = new Worker("/worker.js", { type: "module", name: "bench:plain" });
  const encode = (value) => new TextEncoder().encode(JSON.stringify(value));
  const next = () => new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage({ kind: "report" });
  const boot = await next();
  if (boot.kind !== "ready") throw new Error(JSON.stringify(boot));
  const times = [];
  let refused = "";
  for (const [number, call] of calls.entries()) {
    worker.postMessage({ kind: "call", id: number, method: "price", body: encode(call) });
    const answer = await next();
    if (answer.kind !== "answer") throw new Error(JSON.stringify(answer));
    const view = JSON.parse(new TextDecoder().decode(answer.body));
    if (view.error) refused ||= JSON.stringify(view.error);
    if (number >= warm) times.push(answer.ms);
  }
  worker.terminate();
  return { times, refused };
}

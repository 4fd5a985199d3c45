/** The page's start: the worker boots while what is kept here is read and shown. */
import "./elements/auto-lytiq.js";
import { start } from "./desk/start.js";
import { desk } from "./desk/store.js";
import { listenToKeys } from "./parts/keys.js";
import { PHONE } from "./parts/type.js";

const opened = desk.open();
void start(opened);
listenToKeys();

void opened.then(async () => {
  if (!desk.firstRun) return;
  // A phone without a deal begins with the quick quote, its price in focus; a desk with the worksheet's.
  if (!location.hash && PHONE.matches) location.replace("#quick");
  await customElements.whenDefined("money-field");
  requestAnimationFrame(() => document.getElementById("f-selling_price")?.focus());
});

addEventListener("online", () => {
  desk.offline = false;
  desk.changed();
});
addEventListener("offline", () => {
  desk.offline = true;
  desk.changed();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void desk.lookAgain();
  else void desk.shelf.toDisk();
});
addEventListener("pagehide", () => desk.shelf.leave());

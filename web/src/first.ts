/**
 * Runs before anything else of the page: starts Python's worker, so that it boots while the page is still being read, and sets
 * the theme that was chosen here, so that the page never flashes the other one.
 */
import { spawnFirst } from "./desk/spawn.js";

spawnFirst(new URL("./", (document.currentScript as HTMLScriptElement).src));

const chosen = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;

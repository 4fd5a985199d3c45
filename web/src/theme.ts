/** Runs before the first paint: the theme that was chosen here, so that the page never flashes the other one. */
const chosen = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;

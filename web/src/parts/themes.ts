/** Light or dark: as the system says until it is switched here; what was switched is kept on this device. */
export function switchTheme(): void {
  const root = document.documentElement;
  const theme = root.dataset["theme"];
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset["theme"] = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset["theme"]);
  } catch {
    // The switch holds for this visit.
  }
}

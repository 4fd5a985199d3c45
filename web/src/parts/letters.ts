/** Single-letter keys can be turned off on this device: who dictates, or types with a switch, would press them by accident. */
const KEY = "letters";

export function lettersOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function turnLetters(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Kept nowhere, they stay on.
  }
}

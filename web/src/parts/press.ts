/** Whether a button or finger is down. What is folded away meanwhile would move what it is about to press. */
let down = false;
addEventListener("pointerdown", () => (down = true), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (down = false), true);

/** Once the press that is going on, if any, has done its work, and focus is where it led. */
export function afterPress(act: () => void): void {
  if (down) for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(act), { once: true });
  else setTimeout(act);
}

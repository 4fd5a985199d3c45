import { afterPress } from "./press.js";

/**
 * Tells an element whether one of its fields that may fold away has focus: it is not folded from under the fingers, nor while
 * a press is going on elsewhere.
 */
export function watchFocus(element: HTMLElement, fields: string, tell: (held: boolean) => void): void {
  const held = (): boolean => Boolean(document.activeElement?.matches(fields) && element.contains(document.activeElement));
  element.addEventListener("focusin", () => held() && tell(true));
  element.addEventListener("focusout", () => afterPress(() => tell(held())));
}

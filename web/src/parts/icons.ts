import { html, type TemplateResult } from "lit";

export type IconName =
  | "find" | "chev" | "down" | "back" | "saved" | "off" | "half" | "look" | "open" | "wrong" | "plus" | "close" | "mark" | "undo" | "trash";

/** A sign from the page's sprite; decoration, so hidden from readers: the words beside it say the same. */
export const icon = (name: IconName, css = ""): TemplateResult =>
  html`<svg aria-hidden="true" class=${css}><use href="#i-${name}"></use></svg>`;

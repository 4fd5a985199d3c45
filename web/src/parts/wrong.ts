import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Problem } from "../shapes.js";
import { icon } from "./icons.js";

/** Pixels between a bubble and the edge of the window. */
const EDGE = 8;
/** … and between it and a field. */
const GAP = 4;

/** The bubble under a field: what was typed, what is accepted, and how to go back. */
export const wrong = (problem: Problem, id: string, back = ""): TemplateResult =>
  html`<p class="wrong" id=${id} role="alert" ${ref(placed)}>${icon("wrong")}<span>${said(problem)}${back}</span></p>`;

/** What was wrong and what is accepted, in sentences. */
export function said(problem: Problem): string {
  const accepted = problem.accepted ? ` Accepted: ${problem.accepted}` : "";
  return stop(problem.message) + (accepted ? stop(accepted) : "");
}

/** A warning in one sentence: what is so, then what would be usual or is left to say. */
export const noted = (problem: Problem): string => stop([problem.message, problem.accepted].filter(Boolean).join("; "));

const stop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** They have their places only when all around them is drawn. */
const placed = (): number => requestAnimationFrame(all);

/**
 * A bubble is larger than most fields: it is moved until all of it is in the window, and clear of the field in focus and of the
 * bubbles above it.
 */
function intoSight(bubble: HTMLElement, taken: DOMRect[]): void {
  bubble.style.translate = "";
  const box = bubble.getBoundingClientRect();
  const over = Math.max(0, box.right + EDGE - document.documentElement.clientWidth);
  const aside = Math.max(EDGE - box.left, -over);
  const x = over || box.left < EDGE ? aside : 0;
  const focused = document.activeElement;
  const inTheWay = focused?.matches(".f") && !bubble.parentElement?.contains(focused) ? [...taken, focused.getBoundingClientRect()] : [...taken];
  let y = 0;
  for (const other of inTheWay.sort((one, two) => one.top - two.top)) {
    const beside = other.left >= box.right + x || other.right <= box.left + x;
    if (!beside && other.top < box.bottom + y && other.bottom > box.top + y) y = other.bottom + GAP - box.top;
  }
  if (x || y) bubble.style.translate = `${x}px ${y}px`;
  taken.push(bubble.getBoundingClientRect());
}

function all(): void {
  const taken: DOMRect[] = [];
  for (const bubble of document.querySelectorAll<HTMLElement>(".wrong")) if (bubble.checkVisibility()) intoSight(bubble, taken);
}

addEventListener("resize", all);
addEventListener("focusin", all);
addEventListener("focusout", placed);

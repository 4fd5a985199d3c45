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

/** It has its place only when all around it is drawn. */
const placed = (bubble: Element | undefined): number => requestAnimationFrame(() => intoSight(bubble));

/** A bubble is larger than most fields: it is moved until all of it is in the window and the field in focus is clear of it. */
function intoSight(bubble: Element | undefined): void {
  if (!(bubble instanceof HTMLElement && bubble.isConnected)) return;
  bubble.style.translate = "";
  const box = bubble.getBoundingClientRect();
  const over = Math.max(0, box.right + EDGE - document.documentElement.clientWidth);
  const aside = Math.max(EDGE - box.left, -over);
  const x = over || box.left < EDGE ? aside : 0;
  const focused = document.activeElement;
  const other = focused?.matches(".f") && !bubble.parentElement?.contains(focused) ? focused.getBoundingClientRect() : null;
  const covered = other && other.left < box.right + x && other.right > box.left + x && other.top < box.bottom && other.bottom > box.top;
  const y = covered ? other.bottom + GAP - box.top : 0;
  if (x || y) bubble.style.translate = `${x}px ${y}px`;
}

const all = (): void => document.querySelectorAll(".wrong").forEach(intoSight);
addEventListener("resize", all);
addEventListener("focusin", all);
addEventListener("focusout", () => requestAnimationFrame(all));

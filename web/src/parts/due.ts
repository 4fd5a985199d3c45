import { html, nothing, type TemplateResult } from "lit";
import type { Question } from "../shapes.js";
import { icon } from "./icons.js";

/**
 * Beside the label of what is needed and not answered: the sign, and the word where none stands above; for readers, and where a
 * pointer rests, also what is accepted.
 */
export function due({ kind, accepted }: Question, { word = true } = {}): TemplateResult {
  const listed = kind === "choice" || kind === "yes_no" || !accepted;
  const said = listed ? "" : `, accepted: ${accepted}`;
  return html` <law-mark level="look" title="needed${said}">${icon("look")}${word ? "needed" : html`<span class="sr">needed</span>`}${said ? html`<span class="sr">${said}</span>` : nothing}</law-mark>`;
}

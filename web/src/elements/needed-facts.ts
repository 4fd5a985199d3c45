import { html, nothing, type TemplateResult } from "lit";
import type { Question } from "../shapes.js";
import { askPlace } from "../parts/ask_place.js";
import { due } from "../parts/due.js";
import { icon } from "../parts/icons.js";
import { watchFocus } from "../parts/held.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";
import { asField } from "./law-questions.js";
import { PICKED_HERE } from "./place-picker.js";

/**
 * The facts without which the figures below cannot be told: each with its field, in the way of the Enter key, and one button
 * for all that is usual here. Nothing of it is filled in unasked. Answered and left, they fold into one line.
 */
export class NeededFacts extends DeskElement {
  static override properties = { unfolded: { state: true }, held: { state: true } };
  /** Opened by hand, to stay. */
  declare unfolded: boolean;
  /** One of the fields has focus: it is not folded away from under the fingers. */
  declare held: boolean;

  constructor() {
    super();
    this.unfolded = false;
    this.held = false;
    watchFocus(this, ".f", (held) => (this.held = held));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { needed } = this.desk;
    if (!needed.length) return nothing;
    const open = needed.filter((question) => this.#open(question)).length;
    const place = this.desk.view?.head.state ?? "";
    const shown = open > 0 || this.held || this.unfolded || needed.some((question) => question.error);
    return html`<div class="needed ${shown ? "" : "folded"}" role="group" aria-labelledby="nd">
      <div class="row">
        ${open
          ? html`<p id="nd"><law-mark level="look">${icon("look")}needed</law-mark> ${open === 1 ? "One more answer" : `${open} answers`} for ${place}</p>`
          : html`<button class="fold" id="nd" type="button" aria-expanded=${shown} aria-controls="nds" @click=${() => this.#fold(shown)}>${needed.length} answered for ${place}${shown ? "" : ", open to change"}${icon("chev", "chev")}</button>`}
        ${usualButton(this.desk.usual.map(([, usual]) => usual.says), () => this.#take())}
      </div>
      <div class="places" id="nds" ?hidden=${!shown}>${needed.map((question) => this.#cell(question))}</div>
    </div>`;
  }

  #fold(shown: boolean): void {
    this.unfolded = !shown;
    this.held = false;
  }

  #open(question: Question): boolean {
    return !this.desk.text(question.path)?.trim();
  }

  #cell(question: Question): TemplateResult {
    const { path, label } = question;
    const mark = this.#open(question) ? due(question, { word: false }) : nothing;
    if (!PICKED_HERE.has(path)) return html`<div class="cell"><label for=${idOf(path)}>${label}${mark}</label>${fieldFor(path, "", asField(question))}</div>`;
    const go = (): void => askPlace(path);
    return html`<div class="cell"><span class="lab">${label}${mark}</span><button class="btn small" type="button" @click=${go}>${this.#picked(question)}</button></div>`;
  }

  /** A place is picked where all of it stands; here is what was picked. */
  #picked({ path, kind, text }: Question): string {
    if (!this.desk.text(path)?.trim()) return "Pick the place";
    return `${this.desk.known(path)?.note || (kind === "percent" ? `${text}\u00a0%` : text)}, change`;
  }

  /** The button goes with its work done: the keyboard goes on at what is still open, or at the next field. */
  #take(): void {
    const first = this.desk.usual[0]![0];
    this.desk.takeUsual();
    document.getElementById(idOf(first))?.focus();
  }
}
customElements.define("needed-facts", NeededFacts);

export function usualButton(says: readonly string[], take: () => void): TemplateResult | typeof nothing {
  if (!says.length) return nothing;
  return html`<button class="btn small usual" type="button" aria-keyshortcuts="Alt+U" title="Alt+U" @click=${take}>Usual here: ${says.join(", ")}</button>`;
}

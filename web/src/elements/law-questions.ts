import { html, nothing, type TemplateResult } from "lit";
import type { FieldView, Question } from "../shapes.js";
import { askPlace } from "../parts/ask_place.js";
import { due } from "../parts/due.js";
import { icon } from "../parts/icons.js";
import { DeskElement, idOf } from "./base.js";
import { FACTS } from "./deal-facts.js";
import { fieldFor } from "./fields.js";
import { PICKED_HERE } from "./place-picker.js";

/**
 * What the law there asks: what is needed and answered, then, folded, what the law answers by itself while nothing is said,
 * each with the answer that is assumed. What is needed and open stands in the worksheet.
 */
export class LawQuestions extends DeskElement {
  protected override render(): TemplateResult | typeof nothing {
    // What is needed and was open stands in the worksheet.
    const above = new Set(this.desk.needed.map((question) => question.path));
    const questions = (this.desk.view?.questions ?? []).filter((question) => !above.has(question.path));
    const asked = questions.filter((question) => question.required);
    const assumed = questions.filter((question) => !question.required && !FACTS.includes(question.path));
    const wrong = assumed.some((question) => question.error);
    const place = this.desk.view?.head.state ?? "";
    if (!questions.length) return nothing;
    return html`<section aria-labelledby="lq">
      <div class="head"><h2 id="lq">Asked by the law there</h2><span class="count">${place}</span></div>
      ${asked.length ? html`<div class="asks">${asked.map((question) => this.#question(question))}</div>` : nothing}
      ${assumed.length
        ? html`<details class="passes" ?open=${wrong || nothing}>
            <summary>${assumed.length} assumed, open to change${icon("chev", "chev")}</summary>
            <div class="asks">${assumed.map((question) => this.#question(question))}</div>
          </details>`
        : nothing}
    </section>`;
  }

  #question(question: Question): TemplateResult {
    const field = asField(question);
    if (PICKED_HERE.has(question.path)) {
      const go = (): void => askPlace(question.path);
      return html`<div class="ask"><button class="link" type="button" @click=${go}>${question.label}</button></div>`;
    }
    const missing = question.required && !(this.desk.text(question.path) ?? "").trim();
    const needed = missing ? due(question) : nothing;
    return html`<div class="ask">
      <label for=${idOf(question.path)}><span class="lb">${question.label}</span>${needed}${!question.required && question.default
        ? html` <span class="hint">else ${question.default}</span>`
        : nothing}</label>
      ${fieldFor(question.path, "", field)}
    </div>`;
  }
}
customElements.define("law-questions", LawQuestions);

/** A question is written by the same fields as the worksheet. */
export function asField(question: Question): Partial<FieldView> {
  return {
    path: question.path,
    label: question.label,
    kind: question.kind,
    text: question.text,
    error: question.error ?? null,
    choices: question.choices,
    among: question.among,
  };
}

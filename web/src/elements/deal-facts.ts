import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../parts/icons.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";

/** Who buys, and what: the fields behind the two lines of the strip. */
export const FACTS: readonly string[] = [
  "buyer.name",
  "buyer.state",
  "vehicle.new_or_used",
  "vehicle.model_year",
  "vehicle.make",
  "vehicle.model",
  "vehicle.trim",
  "vehicle.odometer",
  "vehicle.stock_number",
  "vehicle.vin",
];

export class DealFacts extends DeskElement {
  protected override render(): TemplateResult | typeof nothing {
    // What must be answered is asked where it is needed; all else stays here, so that typing it never moves it.
    const asked = new Set(this.desk.view?.questions.filter((question) => question.required).map((question) => question.path));
    const known = FACTS.filter((path) => !asked.has(path)).map((path) => this.desk.known(path)).filter((field) => field !== undefined);
    if (!known.length) return nothing;
    return html`<section aria-labelledby="df">
      <details class="passes facts">
        <summary><h2 id="df">Customer and vehicle</h2>${icon("chev", "chev")}</summary>
        <div class="places">
          ${known.map((field) => html`<div class="cell"><label for=${idOf(field.path)}>${field.label}</label>${fieldFor(field.path, "", field)}${field.note ? html`<span class="note">${field.note}</span>` : nothing}</div>`)}
        </div>
      </details>
    </section>`;
  }
}
customElements.define("deal-facts", DealFacts);

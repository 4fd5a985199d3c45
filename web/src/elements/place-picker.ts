import { html, nothing, type TemplateResult } from "lit";
import type { FieldView } from "../shapes.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";

/** Where it will be registered and which day's law counts: another place or day prices the deal anew. */
const PLACE: readonly [string, string][] = [
  ["place.state", "State"],
  ["place.county", "County"],
  ["place.city", "City"],
  ["place.zip", "ZIP"],
  ["place.local_rate", "Local rate"],
];
const DATES: readonly [string, string][] = [
  ["dates.sale_date", "Sale date"],
  ["dates.delivery_date", "Delivery date"],
  ["dates.title_date", "Title date"],
  ["dates.first_payment_date", "First payment"],
];

/** What stands here is asked here and nowhere else. */
export const PICKED_HERE: ReadonlySet<string> = new Set([...PLACE, ...DATES].map(([path]) => path));

export class PlacePicker extends DeskElement {
  protected override render(): TemplateResult {
    const { range } = this.desk.view ?? {};
    return html`
      ${range ? html`<p class="warnline">${range.text}</p>` : nothing}
      <div class="places">${this.#cells(PLACE)}</div>
      <div class="places">${this.#cells(DATES)}</div>
    `;
  }

  #cells(rows: readonly [string, string][]): TemplateResult[] {
    return rows.flatMap(([path, label]) => {
      const field = this.#field(path);
      if (!field) return [];
      return html`<div class="cell">
        <label for=${idOf(path)}>${field.label || label}</label>${fieldFor(path, "", field)}${field.note ? html`<span class="note">${field.note}</span>` : nothing}
      </div>`;
    });
  }

  /** As the view has it, or as the worker lists it; the state's choices are the states that the rule pack knows. */
  #field(path: string): Partial<FieldView> | undefined {
    const known = this.desk.known(path);
    if (path !== "place.state") return known;
    const states = this.desk.info?.states.map(({ code, name }) => ({ value: code, label: name }));
    const choices = known?.choices.length ? known.choices : (states ?? []);
    return { ...known, path, kind: "choice", label: known?.label || "State", choices };
  }
}
customElements.define("place-picker", PlacePicker);

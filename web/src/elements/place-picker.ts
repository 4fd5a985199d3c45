import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../parts/icons.js";
import type { DraftItem, FieldView } from "../shapes.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";

const LOCAL_RATE = "place.local_rate";
const LEVY_PARTS = ["level", "name", "rate_percent", "base_limit"] as const;

/** Where it will be registered and which day's law counts: another place or day prices the deal anew. */
const PLACE: readonly [string, string][] = [
  ["place.state", "State"],
  ["place.county", "County"],
  ["place.city", "City"],
  ["place.zip", "ZIP"],
];
const FIRST_PAYMENT = "dates.first_payment_date";
const DATES: readonly [string, string][] = [
  ["dates.sale_date", "Sale date"],
  ["dates.delivery_date", "Delivery date"],
  ["dates.title_date", "Title date"],
  [FIRST_PAYMENT, "First payment"],
];

/** A row's fields before the first answer. */
const LEVY_BLANK: Readonly<Record<(typeof LEVY_PARTS)[number], Pick<FieldView, "kind" | "label">>> = {
  level: { kind: "choice", label: "Levied by" },
  name: { kind: "text", label: "Name" },
  rate_percent: { kind: "percent", label: "Rate" },
  base_limit: { kind: "money", label: "On no more than" },
};

/** What stands here is asked here and nowhere else. */
export const PICKED_HERE: ReadonlySet<string> = new Set([...PLACE.map(([path]) => path), ...DATES.map(([path]) => path), LOCAL_RATE]);

export class PlacePicker extends DeskElement {
  protected override render(): TemplateResult {
    const { range } = this.desk.view ?? {};
    return html`
      ${range ? html`<p class="warnline">${range.text}</p>` : nothing}
      <div class="places">${this.#cells(PLACE)}</div>
      ${this.#levied ? html`<div class="levies">${this.#rows.length ? this.#several() : this.#one()}</div>` : nothing}
      <div class="places">${this.#cells(this.#dates)}</div>
    `;
  }

  /** A deal in cash has no payments to begin; what is typed stays in sight. */
  get #dates(): readonly [string, string][] {
    const cash = this.desk.text("structure.kind") === "cash";
    return DATES.filter(([path]) => path !== FIRST_PAYMENT || !cash || this.desk.text(path)?.trim());
  }

  get #rows(): readonly DraftItem[] {
    return this.desk.draft.lists["local"] ?? [];
  }

  /** Whether the law there asks for local levies; what is typed always stays in sight. */
  get #levied(): boolean {
    return Boolean(this.desk.view?.asks_local) || this.#rows.length > 0 || Boolean(this.desk.text(LOCAL_RATE)?.trim());
  }

  /** The usual case: all local levies come to one rate. */
  #one(): TemplateResult {
    const field = this.desk.known(LOCAL_RATE);
    const none = (): void => this.desk.edit({ [LOCAL_RATE]: "0" });
    return html`<div class="cell"><label for=${idOf(LOCAL_RATE)}>${field?.label ?? "Local rate"}</label>${fieldFor(LOCAL_RATE, "", { ...field, path: LOCAL_RATE, kind: "percent" })}${field?.note ? html`<span class="note">${field.note}</span>` : nothing}</div>
      <div class="row">
        <button class="btn plain small" type="button" @click=${none}>No local levy here</button>
        <button class="btn plain small" type="button" @click=${() => this.#goTo(this.desk.severalLevies())}>${icon("plus")}Several levies</button>
      </div>`;
  }

  /** Each levy on its own row; each has its own tax line. */
  #several(): TemplateResult {
    return html`<p class="lab">Local levies where it will be registered</p>
      ${repeat(this.#rows, (row) => row.id, (row, n) => this.#levy(row, n + 1))}
      <div class="row">
        <button class="btn plain small another" type="button" @click=${() => this.#goTo(this.desk.add("local"))}>${icon("plus")}Another levy</button>
      </div>`;
  }

  #levy({ id }: DraftItem, n: number): TemplateResult {
    return html`<div class="levy" role="group" aria-label="Local levy ${n}">
      ${LEVY_PARTS.map((part) => {
        const path = `local/${id}/${part}`;
        const field = this.desk.view?.fields[path] ?? { path, ...LEVY_BLANK[part] };
        return html`<div class="cell ${part}"><label for=${idOf(path)}>${field.label}</label>${fieldFor(path, "", field)}</div>`;
      })}
      <button class="icon" type="button" aria-label="Take local levy ${n} away" @click=${() => this.#remove(id)}>${icon("trash")}</button>
    </div>`;
  }

  #goTo(id: string): void {
    void this.updateComplete.then(() => document.getElementById(idOf(`local/${id}/level`))?.focus());
  }

  /** The keyboard goes on beside the row that is gone. */
  #remove(id: string): void {
    this.desk.remove("local", id);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(".another, .levies .f")?.focus());
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

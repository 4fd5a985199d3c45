import { html, nothing, type TemplateResult } from "lit";
import { BLANK_FIELDS } from "../desk/blank.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";
import "./money-text.js";
import "./payment-grid.js";

/** Cash or finance. Leases come with their own panel. */
const KINDS = [
  ["cash", "Cash"],
  ["finance", "Finance"],
] as const;

/** What the grid's columns are. */
const BY = [
  ["down", "Cash down"],
  ["rate", "Rate"],
] as const;

const MONTH_END = "structure.month_end_first";

/** How it is paid: the structure, and payments by months and cash down. */
export class PaymentsPanel extends DeskElement {
  protected override render(): TemplateResult {
    const kind = this.desk.text("structure.kind") ?? "finance";
    const { view } = this.desk;
    const grid = view?.grid;
    const by = this.desk.wishes.by ?? "down";
    const pick = (value: string) => () => this.desk.edit({ "structure.kind": value });
    return html`
      <div class="head">
        <h2 id="py">${kind === "cash" ? "Paid in cash" : "Payments"}</h2>
        <div class="tabs" role="radiogroup" aria-label="Kind of deal">
          ${KINDS.map(([value, label]) => html`<label><input type="radio" name="kind" value=${value} .checked=${kind === value} @change=${pick(value)} />${label}</label>`)}
        </div>
      </div>
      ${kind === "cash"
        ? html`<p class="dim">Paid in full at delivery: <money-text .figure=${view?.strip.due_at_signing}></money-text>.</p>`
        : html`<structure-panel></structure-panel>
            <div class="gridhead">
              <span class="lead">Months by</span>
              <div class="tabs" role="radiogroup" aria-label="Columns of the grid">
                ${BY.map(([value, label]) => html`<label><input type="radio" name="by" value=${value} .checked=${by === value} @change=${() => this.desk.wish({ by: value })} />${label}</label>`)}
              </div>
              <span class="tgt"><label for=${idOf("target")}>Target</label><target-field></target-field><span class="over">${grid?.target_note ?? ""}</span></span>
            </div>
            <payment-grid></payment-grid>`}
    `;
  }
}
customElements.define("payments-panel", PaymentsPanel);

/** Months, rate, days to the first payment. */
class StructurePanel extends DeskElement {
  protected override render(): TemplateResult {
    const fields = this.desk.view?.fields ?? {};
    const paths = ["structure.months", "structure.rate", "structure.days_to_first"];
    // A first payment that ends its month asks which day is meant.
    const asked = this.desk.view?.warnings.some((problem) => problem.field === MONTH_END);
    if (asked || this.desk.text(MONTH_END)) paths.push(MONTH_END);
    return html`${paths.map((path) => {
      const field = fields[path];
      return html`<div class="cell">
        <label for=${idOf(path)}>${field?.label ?? BLANK_FIELDS[path]?.label}</label>${fieldFor(path, "", field)}${field?.note ? html`<span class="note">${field.note}</span>` : nothing}
      </div>`;
    })}`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("structure");
  }
}
customElements.define("structure-panel", StructurePanel);

import { html, nothing, type TemplateResult } from "lit";
import type { LawLine, LedgerLine } from "../shapes.js";
import { icon } from "../parts/icons.js";
import { marks } from "../parts/marks.js";
import { bound } from "../parts/words.js";
import { DeskElement, idOf } from "./base.js";
import { byHand, fieldFor } from "./fields.js";
import { itemFields, removeButton } from "./item-details.js";
import "./money-text.js";

/**
 * One line of the worksheet: a label, and a field or a figure in its cent column. A line with law opens below itself and shows
 * formula, numbers, sections and dates. The field of a line stays the same element whatever else the line gains or loses,
 * so that nobody who types in it is thrown out.
 */
export abstract class LedgerRow extends DeskElement {
  static override properties = {
    line: { attribute: false },
    law: { attribute: false },
    open: { type: Boolean, state: true },
  };

  declare line: LedgerLine;
  declare law: LawLine | undefined;
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  readonly toggle = (): void => {
    this.open = !this.open;
  };

  protected override render(): TemplateResult {
    const { line, law } = this;
    const css = { head: "head-line", item: "item", total: "total", grand: "total grand" }[line.style];
    const column = `c${line.column}`;
    const item = itemFields(this.desk, line.path);
    const opens = law !== undefined || item.length > 0;
    return html`
      <div class="line ${css}">
        ${this.#label(line, law, opens)}
        ${line.path
          ? fieldFor(line.path, column, this.desk.view?.fields[line.path])
          : html`<span class="n ${column}"><money-text .figure=${line.amount}></money-text></span>`}
      </div>
      ${opens
        ? html`<div class="explain" id=${this.#id} ?hidden=${!this.open}>
            ${this.open && item.length
              ? html`<div class="places">${item.map((field) => html`<div class="cell"><label for=${idOf(field.path)}>${field.label}</label>${fieldFor(field.path, "", field)}</div>`)}</div>
                  <p class="row">${removeButton(this.desk, line)}</p>`
              : nothing}
            ${this.open && law ? this.#inside(law) : nothing}
          </div>`
        : nothing}
    `;
  }

  get #id(): string {
    return idOf(`law-${this.line.key}`);
  }

  #label(line: LedgerLine, law: LawLine | undefined, opens: boolean): TemplateResult {
    const hint = line.hint ? html`<span class="hint">${bound(line.hint)}</span>` : nothing;
    if (line.check) {
      const write = (event: Event): void => this.desk.edit({ [line.check]: (event.target as HTMLInputElement).checked ? "yes" : "no" });
      const on = ["yes", "true"].includes(this.desk.text(line.check) ?? "");
      return html`<span class="checkline"><label class="check"><input type="checkbox" .checked=${on} @change=${write} /> ${line.label} ${hint}</label>${opens ? this.#more(line) : nothing}</span>`;
    }
    if (!line.path && law) {
      return html`<span>
        <button class="opener" type="button" aria-expanded=${this.open} aria-controls=${this.#id} @click=${this.toggle}>
          <span class="name">${line.label}</span>${law.by_hand ? html` <span class="hand">by hand</span>` : nothing} ${hint} ${icon("chev")}</button>${marks(line.marks)}
      </span>`;
    }
    if (!line.path) return html`<span><span class="lb">${line.label}</span> ${hint}${marks(line.marks)}</span>`;
    return html`<span>
      <label for=${idOf(line.path)}>${line.label}</label>${byHand(this.desk.view?.fields[line.path], () => this.desk.edit({ [line.path]: undefined }))}
      ${hint}${opens ? this.#more(line) : nothing}${marks(line.marks)}
    </span>`;
  }

  #more(line: LedgerLine): TemplateResult {
    return html`<button class="opener more" type="button" aria-label="${line.label}, more" aria-expanded=${this.open} aria-controls=${this.#id} @click=${this.toggle}>${icon("chev")}</button>`;
  }

  #inside(law: LawLine): TemplateResult {
    return html`
      ${law.formula ? html`<p class="formula">${bound(law.formula)}</p>` : nothing}
      ${law.numbers.map(
        (row) => html`<div class="line ${row.total ? "total" : ""}">
          <span>${bound(row.label)}${row.section ? html` <span class="cite">${row.section}</span>` : nothing}${marks(row.marks)}</span>
          <span class="n c${row.column}">${row.text}</span>
        </div>`,
      )}
      ${law.edit ? this.#overwrite(law) : nothing}
      <dl>
        ${law.law.map(
          (row, at) => html`${row.term === law.law[at - 1]?.term ? nothing : html`<dt>${row.term}</dt>`}
            <dd>${bound(row.text)}${row.url ? html`<a href=${row.url} target="_blank" rel="noreferrer">${row.cite}</a>` : row.cite}${row.tail}${marks(row.marks)}</dd>`,
        )}
      </dl>
    `;
  }

  /** The amount typed over; what the law says stays in sight, and comes back with one press. */
  #overwrite(law: LawLine): TemplateResult {
    const path = `by_hand.${law.edit}`;
    const back = (): void => this.desk.edit({ [path]: undefined });
    return html`<div class="line by-hand">
      <span><label for=${idOf(path)}>By hand</label>${law.by_hand && law.replaced
          ? html` <span class="hint">the law says ${law.replaced}</span><button class="undo" type="button" aria-label="${law.label}: back to ${law.replaced}" @click=${back}>${icon("undo")}</button>`
          : nothing}</span>
      <money-field class="c2" path=${path}></money-field>
    </div>`;
  }
}

/** A line that is typed, or a bare figure. */
export class WorksheetLine extends LedgerRow {}
customElements.define("worksheet-line", WorksheetLine);

/** A line that the law computes. */
export class TaxLine extends LedgerRow {}
customElements.define("tax-line", TaxLine);

import { html, nothing, type TemplateResult } from "lit";
import type { LawLine, LedgerLine } from "../shapes.js";
import { icon } from "../parts/icons.js";
import { marks } from "../parts/marks.js";
import { DeskElement, idOf } from "./base.js";
import "./money-text.js";

/** One line of the law: closed it is a line of the worksheet, open it shows formula, numbers, sections and dates. */
export class TaxLine extends DeskElement {
  static override properties = {
    line: { attribute: false },
    law: { attribute: false },
    open: { type: Boolean, state: true },
  };

  declare line: LedgerLine;
  declare law: LawLine;
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  toggle(): void {
    this.open = !this.open;
  }

  protected override render(): TemplateResult {
    const { line, law } = this;
    const id = idOf(`law-${law.key}`);
    return html`
      <div class="line ${line.style === "item" ? "item" : "head-line"}">
        <span>
          <button class="opener" type="button" aria-expanded=${this.open} aria-controls=${id} @click=${this.toggle}>
            <span class="name">${line.label}</span>${law.by_hand ? html` <span class="hand">by hand</span>` : nothing}
            ${line.hint ? html`<span class="hint">${line.hint}</span>` : nothing} ${icon("chev")}
          </button>${marks(line.marks)}
        </span>
        <span class="n c${line.column}"><money-text .figure=${line.amount}></money-text></span>
      </div>
      <div class="explain" id=${id} ?hidden=${!this.open}>${this.open ? this.#inside(law) : nothing}</div>
    `;
  }

  #inside(law: LawLine): TemplateResult {
    return html`
      ${law.formula ? html`<p class="formula">${law.formula}</p>` : nothing}
      ${law.numbers.map(
        (row) => html`<div class="line ${row.total ? "total" : ""}">
          <span>${row.label}${row.section ? html` <span class="cite">${row.section}</span>` : nothing}${marks(row.marks)}</span>
          <span class="n c${row.column}">${row.text}</span>
        </div>`,
      )}
      ${law.edit
        ? html`<div class="line by-hand">
            <label for=${idOf(`by_hand.${law.edit}`)}>By hand${law.replaced ? html` <span class="hint">law says ${law.replaced}</span>` : nothing}</label>
            <money-field class="c2" path="by_hand.${law.edit}"></money-field>
          </div>`
        : nothing}
      <dl>
        ${law.law.map(
          (row) => html`<dt>${row.term}</dt>
            <dd>${row.url ? html`<a href=${row.url} target="_blank" rel="noreferrer">${row.text}</a>` : row.text}${marks(row.marks)}</dd>`,
        )}
      </dl>
    `;
  }
}
customElements.define("tax-line", TaxLine);

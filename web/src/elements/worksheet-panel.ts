import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { FieldView, LedgerLine } from "../shapes.js";
import { BLANK_FIELDS, blankLedger } from "../desk/blank.js";
import { icon } from "../parts/icons.js";
import { marks } from "../parts/marks.js";
import { DeskElement, idOf } from "./base.js";
import "./fields.js";
import "./place-picker.js";
import "./tax-line.js";

const GROUPS: Record<LedgerLine["group"], string> = {
  price: "Price",
  rebates: "Rebates",
  tax: "Tax",
  fees: "Fees",
  products: "Products, each optional",
  otd: "Out the door, before trade",
  trade: "Trade",
  after: "Out the door, after trade",
  down: "Cash down",
  result: "Result",
};
/** On a phone these fold to their sums. */
const FOLDING: ReadonlySet<string> = new Set(["fees", "products"]);

/** The ledger is the form: items in the inner cent column, sums in the outer; what can be written over stands on a rule. */
export class WorksheetPanel extends DeskElement {
  static override properties = { unfolded: { state: true }, placing: { state: true } };
  declare unfolded: ReadonlySet<string>;
  declare placing: boolean;

  constructor() {
    super();
    this.unfolded = new Set();
    this.placing = false;
  }

  protected override render(): TemplateResult {
    const { view } = this.desk;
    const head = view?.head;
    const ledger = view?.ledger ?? blankLedger(this.desk.draft);
    return html`
      <div class="head">
        <h2 id="ws">Worksheet</h2>
        <button class="place" type="button" aria-expanded=${this.placing} aria-controls="place" @click=${() => (this.placing = !this.placing)}>
          <span>${head?.place || "Place"}${head?.law_date ? html`, ${head.law_date}` : nothing}<span class="sr">, change place or date</span></span>${icon("down")}
        </button>
      </div>
      <place-picker id="place" ?hidden=${!this.placing}></place-picker>
      ${grouped(ledger).map(([group, lines]) => this.#group(group, lines))}
      ${view ? html`<div class="paper"><p class="fineprint">${view.strip.fine_print}</p></div>` : nothing}
    `;
  }

  /** Open the place picker with one of its fields in focus. */
  askPlace(path: string): void {
    this.placing = true;
    void this.updateComplete.then(() => document.getElementById(idOf(path))?.focus());
  }

  #group(group: LedgerLine["group"], lines: LedgerLine[]): TemplateResult {
    const folds = FOLDING.has(group) && lines.length > 1;
    return html`<div class="group ${group} ${folds ? "fold" : ""} ${this.unfolded.has(group) ? "unfolded" : ""}" role=${lines.length > 1 ? "group" : nothing} aria-label=${lines.length > 1 ? GROUPS[group] : nothing}>
      ${repeat(lines, (line) => line.key, (line, i) => this.#line(line, folds && i === 0 ? group : ""))}
    </div>`;
  }

  #line(line: LedgerLine, folding: string): TemplateResult {
    const law = line.law ? this.desk.view?.laws[line.law] : undefined;
    if (law) return html`<tax-line .line=${line} .law=${law}></tax-line>`;
    const css = { head: "head-line", item: "item", total: "total", grand: "total grand" }[line.style];
    return html`<div class="line ${css}">
      ${this.#label(line, folding)}
      ${line.path ? fieldFor(line.path, `c${line.column}`, this.desk.view?.fields[line.path]) : html`<span class="n c${line.column}"><money-text .figure=${line.amount}></money-text></span>`}
    </div>`;
  }

  #label(line: LedgerLine, folding: string): TemplateResult {
    const hint = line.hint ? html` <span class="hint">${line.hint}</span>` : nothing;
    const hand = line.path ? byHand(this.desk.view?.fields[line.path], () => this.desk.edit({ [line.path]: undefined })) : nothing;
    if (line.check) {
      const on = this.desk.text(line.check) === "yes";
      return html`<label class="check"><input type="checkbox" .checked=${on} @change=${(e: Event) => this.desk.edit({ [line.check]: (e.target as HTMLInputElement).checked ? "yes" : "no" })} /> ${line.label}${hint}</label>`;
    }
    if (folding) {
      const open = this.unfolded.has(folding);
      return html`<span><button class="opener" type="button" aria-expanded=${open} data-fold @click=${() => this.#fold(folding)}><span class="name">${line.label}</span>${hint} ${icon("chev")}</button></span>`;
    }
    if (!line.path) return html`<span>${line.label}${hint}${marks(line.marks)}</span>`;
    return html`<span><label for=${idOf(line.path)}>${line.label}</label>${hand}${hint}${marks(line.marks)}</span>`;
  }

  #fold(group: string): void {
    const unfolded = new Set(this.unfolded);
    if (!unfolded.delete(group)) unfolded.add(group);
    this.unfolded = unfolded;
  }
}
customElements.define("worksheet-panel", WorksheetPanel);

/** Runs of lines of one group, top to bottom. */
function grouped(lines: readonly LedgerLine[]): [LedgerLine["group"], LedgerLine[]][] {
  const groups: [LedgerLine["group"], LedgerLine[]][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.[0] === line.group) last[1].push(line);
    else groups.push([line.group, [line]]);
  }
  return groups;
}

/** "by hand" and the way back to the value from law or store. */
export function byHand(field: FieldView | undefined, restore: () => void): TemplateResult | typeof nothing {
  if (!field?.by_hand) return nothing;
  return html` <span class="hand">by hand</span>${field.stored
    ? html`<button class="undo" type="button" title="Back to ${field.stored}" aria-label="${field.label}: back to ${field.stored}" @click=${restore}>${icon("undo")}</button>`
    : nothing}`;
}

/** The element that writes a path. */
export function fieldFor(path: string, css: string, known?: Partial<FieldView>, name = ""): TemplateResult {
  const field = known ?? BLANK_FIELDS[path];
  const label = name || "";
  switch (field?.kind ?? "money") {
    case "percent":
      return html`<percent-field class=${css} path=${path} name=${label} .fallback=${field}></percent-field>`;
    case "count":
      return html`<count-field class=${css} path=${path} name=${label} .fallback=${field}></count-field>`;
    case "date":
      return html`<date-field class=${css} path=${path} name=${label} .fallback=${field}></date-field>`;
    case "choice":
    case "yes_no":
      return html`<choice-field class=${css} path=${path} name=${label} .fallback=${field}></choice-field>`;
    case "text":
      return html`<text-field class=${css} path=${path} name=${label} .fallback=${field}></text-field>`;
    default:
      return html`<money-field class=${css} path=${path} name=${label} .fallback=${field}></money-field>`;
  }
}

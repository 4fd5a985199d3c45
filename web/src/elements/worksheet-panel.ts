import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { LedgerLine } from "../shapes.js";
import { blankLedger, groupOf, upToDate } from "../desk/blank.js";
import type { ListName } from "../desk/draft.js";
import type { AsksPlace } from "../parts/ask_place.js";
import { widest } from "../parts/ems.js";
import { icon } from "../parts/icons.js";
import { PHONE } from "../parts/type.js";
import { DeskElement, idOf } from "./base.js";
import "./fields.js";
import { furtherLines } from "./item-details.js";
import "./needed-facts.js";
import "./place-picker.js";
import type { WorksheetLine } from "./tax-line.js";
import "./tax-line.js";

const NAMES: Record<LedgerLine["group"], string> = {
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
/** On a phone these fold to their sums; on a desk they stand open for good. */
const FOLDING: ReadonlySet<string> = new Set(["fees", "products"]);

/** The ledger is the form: items in the inner cent column, sums in the outer; what can be written over stands on a rule. */
export class WorksheetPanel extends DeskElement implements AsksPlace {
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
    const ledger = this.#ledger;
    return html`
      <div class="head">
        <h2 id="ws">Worksheet</h2>
        <button class="place" type="button" aria-expanded=${this.placing} aria-controls="place" @click=${() => (this.placing = !this.placing)}>
          <span>${head?.place || "Place"}${head?.law_date ? html`, ${head.law_date}` : nothing}<span class="sr">, change place or date</span></span>${icon("down")}
        </button>
      </div>
      <place-picker id="place" ?hidden=${!this.placing}></place-picker>
      ${repeat(grouped(ledger), ([group]) => group, ([group, lines]) => html`${group === "fees" ? html`<needed-facts></needed-facts>` : nothing}${this.#group(group, lines)}`)}
      ${furtherLines((list, kind, lead) => void this.#add(list, kind, lead))}
      ${view ? html`<div class="paper"><p class="fineprint">${view.strip.fine_print}</p></div>` : nothing}
    `;
  }

  get #ledger(): LedgerLine[] {
    return upToDate(this.desk.view?.ledger ?? blankLedger(this.desk.draft), this.desk.draft);
  }

  /** A column has one size of type, so that its decimal points stay below each other. */
  protected override updated(): void {
    const ledger = this.#ledger;
    for (const column of [1, 2]) {
      const texts = ledger.filter((line) => line.column === column).map((line) => this.#written(line));
      this.style.setProperty(`--ems-${column}`, String(widest(texts)));
    }
  }

  /** What a line's field or figure reads; a text that is refused takes no part. */
  #written(line: LedgerLine): string {
    if (!line.path) return line.amount.state === "known" ? line.amount.text : "";
    const field = this.desk.view?.fields[line.path];
    return field?.error ? "" : (field?.text ?? "");
  }

  /** Open the place picker with one of its fields in focus. */
  askPlace(path: string): void {
    this.placing = true;
    void this.updateComplete.then(() => (document.getElementById(idOf(path)) ?? this.querySelector<HTMLElement>(".levies .f"))?.focus());
  }

  /** The new line stands there at once, open to sight, with its field in focus. */
  async #add(list: ListName, fields: Record<string, string>, lead: string): Promise<void> {
    const path = `${list}/${this.desk.add(list, fields)}/${lead}`;
    this.unfolded = new Set([...this.unfolded, groupOf(list) ?? ""]);
    await this.updateComplete;
    await [...this.querySelectorAll<WorksheetLine>("worksheet-line")].find((row) => row.line.path === path)?.updateComplete;
    document.getElementById(idOf(path))?.focus();
  }

  #group(group: LedgerLine["group"], lines: LedgerLine[]): TemplateResult {
    const folds = FOLDING.has(group) && lines.length > 1;
    return html`<div class="group ${group} ${folds ? "fold" : ""} ${this.unfolded.has(group) ? "unfolded" : ""}" role=${lines.length > 1 ? "group" : nothing} aria-label=${lines.length > 1 ? NAMES[group] : nothing}>
      ${repeat(lines, (line) => line.key, (line, i) => this.#line(line, folds && i === 0 ? group : ""))}
    </div>`;
  }

  #line(line: LedgerLine, folding: string): TemplateResult {
    if (folding) return this.#sum(line, folding);
    const law = line.law ? this.desk.view?.laws[line.law] : undefined;
    if (law && !line.path) return html`<tax-line .line=${line} .law=${law}></tax-line>`;
    return html`<worksheet-line .line=${line} .law=${law}></worksheet-line>`;
  }

  /** The sum of a group that folds on a phone. */
  #sum(line: LedgerLine, group: string): TemplateResult {
    const open = this.unfolded.has(group);
    const hint = line.hint ? html`<span class="hint">${line.hint}</span>` : nothing;
    return html`<div class="line head-line">
      <span><button class="opener" type="button" aria-expanded=${open} data-fold tabindex=${PHONE.matches ? nothing : -1} @click=${() => this.#fold(group)}><span class="name">${line.label}</span> ${hint} ${icon("chev")}</button></span>
      <span class="n c${line.column}"><money-text .figure=${line.amount}></money-text></span>
    </div>`;
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


import { html, nothing, type TemplateResult } from "lit";
import type { LawLine, LedgerLine, Question, Strip } from "../shapes.js";
import type { AsksPlace } from "../parts/ask_place.js";
import { watchFocus } from "../parts/held.js";
import { icon } from "../parts/icons.js";
import { toNeeded, waiting } from "../parts/needed.js";
import { bound } from "../parts/words.js";
import { DeskElement, idOf } from "./base.js";
import { fieldFor } from "./fields.js";
import { asField } from "./law-questions.js";
import "./payment-grid.js";
import { usualButton } from "./needed-facts.js";
import { PICKED_HERE } from "./place-picker.js";
import "./tax-line.js";

/** A price and a place are enough for a payment. Made for a phone in one hand. */
export class QuickQuote extends DeskElement implements AsksPlace {
  static override properties = { opened: { state: true }, held: { state: true } };
  /** Which of terms, place, trade and rebate is open. */
  declare opened: ReadonlySet<string>;

  /** An answer that the law needs has focus. */
  declare held: boolean;

  constructor() {
    super();
    this.opened = new Set();
    this.held = false;
    watchFocus(this, ".answer .f", (held) => (this.held = held));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const trade = this.#items("trades").some((id) => this.desk.text(`trades/${id}/allowance`));
    const rebate = this.#items("rebates").some((id) => this.desk.text(`rebates/${id}/amount`));
    this.opened = new Set([...(trade ? ["trade"] : []), ...(rebate ? ["rebate"] : [])]);
  }

  protected override render(): TemplateResult {
    const { view } = this.desk;
    const cash = (this.desk.text("structure.kind") ?? "finance") === "cash";
    const needed = this.#needed();
    const open = this.desk.openQuestions.length;
    const usual = this.desk.usual.map(([, { says }]) => says);
    return html`
      <app-bar role="banner" quick></app-bar>
      <main aria-busy=${this.desk.busy || !this.desk.fresh}>
      <h1 class="sr">Quick quote</h1>
      <div class="qpay" role="region" aria-label="Payment">${this.#figures(view?.strip, cash)}</div>
      <div class="qform">
        ${this.#line("selling_price", "Price")}
        ${this.opened.has("terms") ? this.#terms(cash) : nothing}
        ${this.#place()}
        ${usual.length ? html`<div class="qline usual"><span class="lab">${open === 1 ? "One more answer" : `${open} answers`} needed for tax and fees</span>${usualButton(usual, () => this.desk.takeUsual())}</div>` : nothing}
        ${needed.map((q) => html`<div class="qline answer"><label for=${idOf(q.path)}>${q.label}</label>${fieldFor(q.path, "", asField(q))}</div>`)}
        ${this.#taxes()}
        ${this.opened.has("trade") ? this.#items("trades").map((id, n, { length }) => this.#trade(id, length > 1 ? ` ${n + 1}` : "")) : nothing}
        ${this.opened.has("rebate") ? this.#items("rebates").map((id) => this.#rebate(`rebates/${id}/amount`)) : nothing}
        ${this.#chips()}
      </div>
      ${cash
        ? nothing
        : html`<section class="qsheet" aria-labelledby="qg">
            <h2 id="qg">Months by cash down</h2>
            <payment-grid small></payment-grid>
          </section>`}
      <p class="qsheet fine">Estimate, not a credit disclosure.${view?.range ? " A range can be read here; it cannot be penciled or printed." : ""}</p>
      <div class="bottom"><a class="btn primary" href="#desk">Open on the desk</a></div>
      </main>
    `;
  }

  #figures(strip: Strip | undefined, cash: boolean): TemplateResult {
    const stale = !this.desk.fresh;
    const big = cash ? strip?.otd : strip?.payment;
    const state = big?.state ?? "waits";
    const empty = !(this.desk.text("selling_price") ?? "").trim();
    const waits = state === "waits" ? waiting(big) : null;
    return html`
      <dl>
        <div class="fig pay ${state === "range" ? "rng" : state === "waits" ? "none" : ""}">
          <dt>${cash ? "Out the door, before trade" : (strip?.payment_label ?? "Payment a month")}</dt>
          <dd><money-text .figure=${big} parts></money-text></dd>
          ${empty
            ? html`<dd class="note">Type a price. The store’s place, rate and months are filled in.</dd>`
            : html`<dd class="note">
                  ${waits?.asks
                    ? html`<button class="terms" type="button" aria-keyshortcuts="Alt+A" @click=${toNeeded}>${waits.words}</button>`
                    : html`<button class="terms" type="button" aria-expanded=${this.opened.has("terms")} @click=${() => this.#toggle("terms")}>${waits ? waits.words : bound(strip?.terms || "Terms")}</button>`}
                </dd>
                <dd class="note">${stale ? this.desk.workerNote || this.desk.fetched || "starting up" : cash ? strip?.otd_note : html`total of payments <money-text .figure=${strip?.total_of_payments}></money-text>`}</dd>`}
        </div>
      </dl>
      <dl class="also">
        <div class="fig"><dt>${this.#traded() ? "Out the door, before trade" : "Out the door, no trade"}</dt><dd><money-text .figure=${strip?.otd}></money-text></dd></div>
        <div class="fig"><dt>Tax and fees in it</dt><dd><money-text .figure=${strip?.tax_and_fees}></money-text></dd></div>
      </dl>
      ${this.desk.phase === "booting" || this.desk.busy ? html`<div class="progress" role="progressbar" aria-label="Computing"></div>` : nothing}
    `;
  }

  #terms(cash: boolean): TemplateResult {
    if (cash) return this.#line("money_down.deposit", "Deposit already paid");
    return html`${this.#line("structure.months", "Months")}${this.#line("structure.rate", "Rate")}${this.#line("money_down.cash_down", "Cash down")}`;
  }

  #trade(id: string, nth: string): TemplateResult {
    return html`${this.#line(`trades/${id}/allowance`, `Trade allowance${nth}`)}${this.#line(`trades/${id}/payoff`, `Trade payoff${nth}`)}`;
  }

  #rebate(path: string): TemplateResult {
    return this.#line(path, this.desk.view?.fields[path]?.label ?? "Manufacturer rebate");
  }

  #place(): TemplateResult {
    const { view } = this.desk;
    const open = this.opened.has("place") || Boolean(view?.range);
    return html`<div class="qline">
        <button class="opener" type="button" aria-expanded=${open} aria-controls="qplace" @click=${() => this.#toggle("place")}>
          <span class="name">Place and law date</span> ${icon("chev")}<span class="hint">${[view?.head.place, view?.head.law_date].filter(Boolean).join(", ")}</span>
        </button>
        <span class="n">${this.desk.text("place.state") ?? ""}</span>
      </div>
      <place-picker id="qplace" class="qplace" ?hidden=${!open}></place-picker>`;
  }

  /** Every tax and the fees of the sale, each opening to its law. */
  #taxes(): TemplateResult | typeof nothing {
    const { view } = this.desk;
    if (!view) return nothing;
    const fees = view.ledger.filter((line) => line.group === "fees");
    const [sum, ...items] = fees;
    const open = this.opened.has("fees");
    return html`${view.ledger.filter((line) => line.group === "tax").map((line) => this.#ledgerLine(line))}
      ${sum
        ? html`<div class="qline">
            <button class="opener" type="button" aria-expanded=${open} @click=${() => this.#toggle("fees")}><span class="name">${sum.label}</span>${icon("chev")}${sum.hint ? html`<span class="hint">${bound(sum.hint)}</span>` : nothing}</button>
            <span class="n"><money-text .figure=${sum.amount}></money-text></span>
          </div>`
        : nothing}
      ${open ? items.map((line) => this.#ledgerLine(line)) : nothing}`;
  }

  #ledgerLine(line: LedgerLine): TemplateResult {
    const item = line.style === "item" ? "item" : "";
    const law: LawLine | undefined = line.law ? this.desk.view?.laws[line.law] : undefined;
    if (line.path) return this.#line(line.path, line.label);
    if (law) return html`<tax-line class="qtax ${item}" .line=${{ ...line, column: 2 } satisfies LedgerLine} .law=${law}></tax-line>`;
    return html`<div class="qline ${item}"><span class="lab">${line.label}${line.hint ? html`<span class="hint">${line.hint}</span>` : nothing}</span><span class="n"><money-text .figure=${line.amount}></money-text></span></div>`;
  }

  #chips(): TemplateResult | typeof nothing {
    const all: [string, string][] = [
      ["trade", "Trade"],
      ["rebate", "Rebate"],
      ["vehicle", "Vehicle"],
    ];
    const closed = all.filter(([name]) => !this.opened.has(name));
    if (!closed.length) return nothing;
    return html`<div class="chips">
      ${closed.map(([name, label]) => html`<button class="btn" type="button" @click=${() => this.#reveal(name)}>${icon("plus")}${label}</button>`)}
    </div>`;
  }

  #line(path: string, label: string): TemplateResult {
    const field = this.desk.view?.fields[path];
    return html`<div class="qline"><label for=${idOf(path)}>${label}${field?.note ? html`<span class="hint">${field.note}</span>` : nothing}</label>${fieldFor(path, "", field)}</div>`;
  }

  #items(list: string): string[] {
    return (this.desk.draft.lists[list] ?? []).map((item) => item.id);
  }

  #traded(): boolean {
    return this.#items("trades").some((id) => (this.desk.text(`trades/${id}/allowance`) ?? "").trim() !== "");
  }

  /** What is needed and was open, until all of it is answered and left; all that is needed when "Vehicle" is opened. */
  #needed(): Question[] {
    const { needed, openQuestions, view } = this.desk;
    const asked = openQuestions.length || this.held || needed.some((q) => q.error) ? needed : [];
    const shown = this.opened.has("vehicle") ? (view?.questions ?? []).filter((q) => q.required) : asked;
    return shown.filter((q) => !PICKED_HERE.has(q.path));
  }

  /** Open the place with one of its fields in focus. */
  askPlace(path: string): void {
    this.opened = new Set([...this.opened, "place"]);
    void this.updateComplete.then(() => (document.getElementById(idOf(path)) ?? this.querySelector<HTMLElement>(".levies .f"))?.focus());
  }

  #toggle(name: string): void {
    const opened = new Set(this.opened);
    if (!opened.delete(name)) opened.add(name);
    this.opened = opened;
  }

  #reveal(name: string): void {
    this.#toggle(name);
    if (name === "trade" && !this.#items("trades").length) this.desk.add("trades");
    if (name === "rebate" && !this.#items("rebates").length) this.desk.add("rebates", { kind: "manufacturer" });
    const paths: Record<string, string> = {
      trade: `trades/${this.#items("trades")[0]}/allowance`,
      rebate: `rebates/${this.#items("rebates")[0]}/amount`,
      vehicle: this.#needed()[0]?.path ?? "",
    };
    const path = paths[name]!;
    void this.updateComplete.then(() => document.getElementById(idOf(path))?.focus());
  }
}
customElements.define("quick-quote", QuickQuote);

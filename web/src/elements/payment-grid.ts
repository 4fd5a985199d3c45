import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Grid, GridCell, GridAsk } from "../shapes.js";
import { icon } from "../parts/icons.js";
import { DeskElement, idOf } from "./base.js";
import { said } from "./fields.js";

/** Columns and rows that fit, by the width of the grid itself. */
const FITS: readonly [number, number, number][] = [
  [561, 7, 7],
  [401, 5, 5],
  [0, 4, 5],
];

/** The header that is being written: a column's cash down or rate, or a row's months. */
interface Heading {
  readonly axis: "downs" | "rates" | "months";
  readonly index: number;
}

const NAMES: Readonly<Record<Heading["axis"], string>> = {
  downs: "Cash down of this column",
  rates: "Rate of this column",
  months: "Months of this row",
};

/**
 * Payments, months by cash down or by rate: one tab stop, arrows move, Enter, Space or a click takes a cell. F2 (or a double click) on a
 * header, or from a cell to its column, writes the header; a blank one gives the headers back to the desk.
 */
export class PaymentGrid extends DeskElement {
  static override properties = { small: { type: Boolean }, at: { state: true }, writing: { state: true } };
  /** Three by three, as the quick quote shows it. */
  declare small: boolean;
  /** Row and column that the keyboard stands on; null: on the taken cell. */
  declare at: [number, number] | null;
  declare writing: Heading | null;

  #watch: ResizeObserver | null = null;

  constructor() {
    super();
    this.at = null;
    this.writing = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch = new ResizeObserver(() => this.#fit());
    this.#watch.observe(this);
    this.#fit();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watch?.disconnect();
  }

  #fit(): void {
    const width = this.clientWidth;
    const fit = FITS.find(([from]) => width >= from)!;
    const [columns, rows] = this.small ? [3, 3] : [fit[1], fit[2]];
    const by = this.small ? "down" : (this.desk.grid?.by ?? "down");
    const ask: GridAsk = { ...this.desk.grid, columns, rows, by };
    this.desk.setGrid(ask);
  }

  protected override render(): TemplateResult {
    const grid = this.desk.view?.grid;
    const [row, column] = this.#position(grid);
    const cell = grid?.rows[row]?.cells[column];
    return html`
      <table class="pgrid ${cell && cell.cents === null ? "waiting" : ""}" role="grid" aria-label="Payment by months and ${this.#columns === "rates" ? "rate" : "cash down"}" aria-describedby="cellnote" @keydown=${this.#onKey} @focusout=${this.#onLeave}>
        <thead>
          <tr role="row">
            <td>${this.small ? nothing : "months"}</td>
            ${grid?.columns.map((head, c) => html`<th scope="col" role="columnheader" aria-current=${head.taken ? "true" : nothing} @dblclick=${() => this.#write(this.#columns, c)}>${this.#head(this.#columns, c, head.text)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${grid?.rows.map(
            (line, r) => html`<tr role="row">
              <th scope="row" role="rowheader" aria-current=${line.taken ? "true" : nothing} @dblclick=${() => this.#write("months", r)}>${this.#head("months", r, line.months)}</th>
              ${line.cells.map((each, c) => this.#cell(each, r, c, r === row && c === column))}
            </tr>`,
          )}
        </tbody>
      </table>
      ${this.small
        ? html`<p class="sr" id="cellnote">${cell?.foot ?? ""}</p>`
        : html`<p class="gridfoot"><span id="cellnote">${cell?.foot ?? ""}</span>${grid?.key ? html`<span class="key">${grid.key}</span>` : nothing}</p>`}
    `;
  }

  #head(axis: Heading["axis"], index: number, text: string): unknown {
    if (this.writing?.axis !== axis || this.writing.index !== index) return text;
    const keep = (event: Event): void => this.#keep((event.target as HTMLInputElement).value);
    const onKey = (event: KeyboardEvent): void => {
      event.stopPropagation();
      if (event.key === "Enter") keep(event);
      else if (event.key === "Escape") this.writing = null;
      else return;
      event.preventDefault();
      void this.updateComplete.then(() => this.focusCell());
    };
    return html`<input class="f" aria-label=${NAMES[axis]} inputmode="decimal" autocomplete="off" .value=${text} @keydown=${onKey} @blur=${keep} />`;
  }

  get #columns(): "downs" | "rates" {
    return this.desk.view?.grid?.by === "rate" ? "rates" : "downs";
  }

  #write(axis: Heading["axis"], index: number): void {
    this.writing = { axis, index };
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>("th input")?.select());
  }

  /** The header as typed; the others stay as they stand. */
  #keep(text: string): void {
    const { writing } = this;
    const grid = this.desk.view?.grid;
    this.writing = null;
    if (!writing || !grid) return;
    const all = writing.axis === "months" ? grid.rows.map((row) => row.months) : grid.columns.map((head) => head.text);
    if (all[writing.index] === text) return;
    all[writing.index] = text;
    this.desk.setGrid({ ...this.desk.grid, [writing.axis]: text.trim() ? all : [] });
  }

  #cell(cell: GridCell, r: number, c: number, stop: boolean): TemplateResult {
    return html`<td
      role="gridcell"
      class=${cell.meets ? "meets" : ""}
      tabindex=${stop ? 0 : -1}
      aria-selected=${cell.taken}
      aria-label=${cell.label || nothing}
      data-cell="${r},${c}"
      @click=${() => this.#take(r, c)}
    >
      ${cell.text}
    </td>`;
  }

  #position(grid: Grid | null | undefined): [number, number] {
    const rows = grid?.rows ?? [];
    if (this.at && rows[this.at[0]]?.cells[this.at[1]]) return this.at;
    for (const [r, row] of rows.entries()) {
      const c = row.cells.findIndex((cell) => cell.taken);
      if (c >= 0) return [r, c];
    }
    return [0, 0];
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const grid = this.desk.view?.grid;
    if (!grid?.rows.length) return;
    const [r, c] = this.#position(grid);
    const last = { r: grid.rows.length - 1, c: grid.columns.length - 1 };
    const moves: Record<string, [number, number]> = {
      ArrowUp: [r - 1, c],
      ArrowDown: [r + 1, c],
      ArrowLeft: [r, c - 1],
      ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0],
      End: [event.ctrlKey ? last.r : r, last.c],
    };
    const to = moves[event.key];
    if (to) {
      event.preventDefault();
      this.at = [clamp(to[0], last.r), clamp(to[1], last.c)];
      void this.updateComplete.then(() => this.focusCell());
    } else if (event.key === "F2") {
      event.preventDefault();
      if (event.shiftKey) this.#write("months", r);
      else this.#write(this.#columns, c);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#take(r, c);
    }
  };

  readonly #onLeave = (event: FocusEvent): void => {
    if (!this.contains(event.relatedTarget as Node | null)) this.at = null;
  };

  focusCell(): void {
    this.querySelector<HTMLElement>('td[tabindex="0"]')?.focus();
  }

  #take(r: number, c: number): void {
    const cell = this.desk.view?.grid?.rows[r]?.cells[c];
    if (!cell || cell.cents === null || cell.cents === undefined) return;
    this.at = [r, c];
    const column = cell.rate ? { "structure.rate": cell.rate } : { "money_down.cash_down": cell.down };
    this.desk.edit({ "structure.months": cell.months, ...column });
  }

  protected override updated(_changed: PropertyValues): void {
    // The taken cell may have moved under the keyboard: focus stays on the grid's one stop.
    const active = document.activeElement;
    if (active instanceof HTMLTableCellElement && this.contains(active) && active.tabIndex !== 0) this.focusCell();
  }
}
customElements.define("payment-grid", PaymentGrid);

const clamp = (n: number, most: number): number => Math.min(Math.max(n, 0), most);

/** The payment to meet: a wish of the desk, not part of the deal, so it travels with the grid's ask. */
class TargetField extends DeskElement {
  static override properties = { focused: { state: true } };
  declare focused: boolean;

  protected override render(): TemplateResult {
    const problem = this.focused ? null : this.desk.view?.grid?.target.error;
    const id = idOf("target");
    return html`<input class="f" id=${id} inputmode="decimal" autocomplete="off" aria-invalid=${problem ? "true" : nothing} aria-describedby=${problem ? `${id}-msg` : nothing}
      @focus=${(e: Event) => {
        this.focused = true;
        (e.target as HTMLInputElement).select();
      }}
      @blur=${() => (this.focused = false)}
      @input=${(e: Event) => this.desk.setGrid({ ...this.desk.grid, target: (e.target as HTMLInputElement).value })} />${problem
      ? html`<p class="wrong" id="${id}-msg" role="alert">${icon("wrong")}<span>${said(problem)}</span></p>`
      : nothing}`;
  }

  protected override updated(): void {
    const text = this.desk.view?.grid?.target.text;
    const input = this.querySelector("input")!;
    if (!this.focused && text !== undefined && input.value !== text && this.desk.grid?.target) input.value = text;
  }
}
customElements.define("target-field", TargetField);

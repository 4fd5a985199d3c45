import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Grid, GridCell, Problem } from "../shapes.js";
import { widest } from "../parts/ems.js";
import { typeSize } from "../parts/type.js";
import { wrong } from "../parts/wrong.js";
import { DeskElement, idOf } from "./base.js";
import { leaveTo } from "./fields.js";

/** Columns and rows that fit, by the width of the grid itself. */
const FITS: readonly [number, number, number][] = [
  [561, 7, 7],
  [401, 5, 5],
  [301, 4, 5],
  [0, 3, 5],
];

/** The header that is being written: a column's cash down or rate, or a row's months. */
interface Heading {
  readonly axis: "downs" | "rates" | "months";
  readonly index: number;
  /** What was typed there and why it is refused. */
  readonly text?: string;
  readonly problem?: Problem;
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
  /** The header kept last, and what was wished before: a header that is none comes back as it was typed, with the reason. */
  #tried: { heading: Heading; text: string; before: readonly string[] } | null = null;
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
    const width = this.clientWidth / typeSize();
    const fit = FITS.find(([from]) => width >= from)!;
    this.desk.fitGrid(this.small ? { columns: 3, rows: 3, by: "down" } : { columns: fit[1], rows: fit[2] });
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
    const { problem, text: typed } = this.writing;
    const keep = (event: Event): void => this.#keep((event.target as HTMLInputElement).value);
    const onKey = (event: KeyboardEvent): void => {
      event.stopPropagation();
      if (event.key === "Enter") keep(event);
      else if (event.key === "Escape") this.writing = null;
      else return;
      event.preventDefault();
      void this.updateComplete.then(() => this.focusCell());
    };
    const message = idOf("heading-msg");
    return html`<input class="f" aria-label=${NAMES[axis]} aria-invalid=${problem ? "true" : nothing} aria-describedby=${problem ? message : nothing} inputmode="decimal" autocomplete="off" .value=${typed ?? text} @keydown=${onKey} @blur=${keep} />${problem ? wrong(problem, message, ` Esc brings ${text} back.`) : nothing}`;
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
    if (!writing || !grid || (writing.problem && writing.text === text)) return;
    this.writing = null;
    const all = writing.axis === "months" ? grid.rows.map((row) => row.months) : grid.columns.map((head) => head.text);
    if (all[writing.index] === text) return;
    this.#tried = { heading: writing, text, before: this.desk.wishes[writing.axis] ?? [] };
    this.desk.wish({ [writing.axis]: text.trim() ? [text, ...all.filter((_, at) => at !== writing.index)] : [] });
  }

  /** A header that is none is taken back, and stands in its place as it was typed. */
  protected override willUpdate(): void {
    const tried = this.#tried;
    const problem = this.desk.view?.grid?.refused;
    if (!tried || !problem || this.desk.wishes[tried.heading.axis]?.[0] !== tried.text) return;
    this.#tried = null;
    this.writing = { axis: tried.heading.axis, index: tried.heading.index, text: tried.text, problem };
    queueMicrotask(() => this.desk.wish({ [tried.heading.axis]: tried.before }));
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
    const grid = this.desk.view?.grid;
    const room = {
      "--columns": grid?.columns.length || 1,
      "--ems": widest(grid?.rows.flatMap((row) => row.cells.map((cell) => cell.text)) ?? []),
      "--head-ems": widest(grid?.columns.map((head) => head.text) ?? []),
    };
    for (const [name, value] of Object.entries(room)) this.style.setProperty(name, String(value));
    // The taken cell may have moved under the keyboard: focus stays on the grid's one stop.
    const active = document.activeElement;
    if (active instanceof HTMLTableCellElement && this.contains(active) && active.tabIndex !== 0) this.focusCell();
  }
}
customElements.define("payment-grid", PaymentGrid);

const clamp = (n: number, most: number): number => Math.min(Math.max(n, 0), most);

/** The payment to meet: a wish of the desk, not part of the deal, written like any other field. */
class TargetField extends DeskElement {
  /** The text when the field was entered, for Esc; null: it has no focus. */
  #before: string | null = null;

  protected override render(): TemplateResult {
    const target = this.desk.view?.grid?.target;
    const focused = this.#before !== null;
    const { wishes, pricedWishes } = this.desk;
    const problem = focused || !wishes.target || pricedWishes.target !== wishes.target ? null : target?.error;
    const id = idOf("target");
    return html`<input class="f" id=${id} inputmode="decimal" autocomplete="off" spellcheck="false" enterkeyhint="next" aria-invalid=${problem ? "true" : nothing} aria-describedby=${problem ? `${id}-msg` : nothing}
      @focus=${this.#onFocus} @blur=${this.#onBlur} @keydown=${this.#onKey} @input=${() => this.#type(this.#input.value)} />${focused && target?.hint
      ? html`<span class="sum-hint" aria-live="off">${target.hint}</span>`
      : nothing}${problem ? wrong(problem, `${id}-msg`) : nothing}`;
  }

  get #input(): HTMLInputElement {
    return this.querySelector("input")!;
  }

  #type(text: string): void {
    this.desk.wish({ target: text });
  }

  readonly #onFocus = (): void => {
    this.#before = this.#input.value;
    this.#input.select();
    this.requestUpdate();
  };

  readonly #onBlur = (): void => {
    this.#before = null;
    this.requestUpdate();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const target = this.desk.view?.grid?.target;
    const step = event.altKey && { ArrowUp: target?.step_up, ArrowDown: target?.step_down }[event.key];
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) leaveTo(this.#input, event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.#input.value !== this.#before) this.#put(this.#before ?? "");
    else if (event.key === "Escape") this.#input.blur();
    else if (step) this.#put(step);
    else return;
    event.preventDefault();
  };

  #put(text: string): void {
    this.#input.value = text;
    this.#type(text);
    this.#input.select();
  }

  protected override updated(): void {
    if (this.#before !== null) return;
    const { wishes, pricedWishes, view } = this.desk;
    const typed = wishes.target ?? "";
    // Until it is answered a text stays as it was typed.
    const text = typed && pricedWishes.target === typed ? (view?.grid?.target.text ?? typed) : typed;
    if (this.#input.value !== text) this.#input.value = text;
  }
}
customElements.define("target-field", TargetField);

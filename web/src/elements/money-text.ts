/**
 * One computed figure. New text swaps in place; when it changed while the page was live, a marker stroke lies under it for
 * 900 ms. Figures of an earlier visit, and figures that wait, never flash.
 */
import { html, type PropertyValues, type TemplateResult } from "lit";
import type { Figure } from "../shapes.js";
import { widest } from "../parts/ems.js";
import { DeskElement } from "./base.js";

const STROKE = 900;
/** Em that the currency sign takes beyond what its figure saves by being set closer. */
const SIGN = 0.15;
let marked = false;

export class MoneyText extends DeskElement {
  static override properties = { figure: { attribute: false }, parts: { type: Boolean } };

  declare figure: Figure | undefined;
  /** Whole and cents apart, with the currency sign: the big figure of the strip. */
  declare parts: boolean;

  #last = "";
  #lastFresh = false;
  #timer = 0;
  #stroke = "";

  protected override willUpdate(_changed: PropertyValues): void {
    const text = this.figure?.text ?? "—";
    const fresh = this.desk.fresh;
    if (text !== this.#last && this.#lastFresh && fresh && this.#last !== "" && this.figure?.state !== "waits") {
      // Two names for one animation, so that a second change starts it anew.
      this.#stroke = this.#stroke === "moved" ? "moved again" : "moved";
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => {
        this.#stroke = "";
        this.requestUpdate();
      }, STROKE);
    }
    if (this.figure?.state === "waits") this.#stroke = "";
    this.#last = text;
    this.#lastFresh = fresh;
  }

  /** How much room it needs; and, for the measurements, that the first figures of this visit stand on the page. */
  protected override updated(): void {
    this.style.setProperty("--ems", String(widest([this.figure?.text ?? ""]) + (this.parts ? SIGN : 0)));
    if (this.desk.fresh && !marked) {
      marked = true;
      performance.mark("autolytiq:figures");
    }
  }

  protected override render(): TemplateResult {
    const figure = this.figure;
    const css = `${this.#stroke} ${figure?.state ?? "waits"}`;
    if (this.parts && figure?.state === "range") {
      return html`<span class=${css}><span class="end"><span class="cur">$</span>${figure.low}</span> <span class="end"><span class="to">to</span> ${figure.high}</span></span>`;
    }
    if (this.parts && figure?.state === "known") {
      return html`<span class=${css}><span class="cur">$</span><span>${figure.whole}</span><span class="dec">${figure.decimals}</span></span>`;
    }
    // A range may take two lines, and breaks nowhere but between its ends.
    if (figure?.state === "range") return html`<span class=${css}><span class="end">${figure.low}</span> <span class="end">to ${figure.high}</span></span>`;
    return html`<span class=${css}>${figure?.text ?? "—"}</span>`;
  }
}
customElements.define("money-text", MoneyText);

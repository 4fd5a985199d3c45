import { html, nothing, type TemplateResult } from "lit";
import type { Figure, Strip } from "../shapes.js";
import { toNeeded, waiting } from "../parts/needed.js";
import { bound } from "../parts/words.js";
import { DeskElement } from "./base.js";
import "./money-text.js";

/** Who, and the figures that always stay in sight. A payment never stands without its terms. */
export class DealStrip extends DeskElement {
  protected override render(): TemplateResult {
    const { view } = this.desk;
    const title = view?.head.title || "New deal";
    const lines = [view?.head.vehicle, view?.head.place].filter(Boolean);
    return html`
      <div class="who">
        <h1 title=${title}>${title}</h1>
        <p title=${lines[0] ?? nothing}>${lines[0] ?? "\u00a0"}</p>
        <p>${lines[1] ?? "\u00a0"}</p>
      </div>
      <dl class="figures">${view?.strip.kind === "cash" ? this.#cash(view.strip) : this.#finance(view?.strip)}</dl>
      <div class="acts"></div>
      ${this.desk.phase === "booting" || this.desk.busy
        ? html`<div class="progress" role="progressbar" aria-label=${this.desk.phase === "booting" ? "Starting up" : "Computing"}></div>`
        : nothing}
    `;
  }

  #finance(strip: Strip | undefined): TemplateResult {
    return html`
      <div class="fig pay ${strip?.payment.state ?? "waits"}">
        <dt>${strip?.payment_label ?? "Payment a month"}</dt>
        <dd>${figure(strip?.payment, true)}</dd>
        ${this.#note(strip?.payment, (strip?.terms ?? "").split(", ")[0]!)}
      </div>
      <div class="fig otd ${strip?.otd.state ?? "waits"}"><dt>Out the door</dt><dd>${figure(strip?.otd)}</dd><dd class="note">${this.#word(strip?.otd, "before trade")}</dd></div>
      <div class="fig"><dt>Due at signing</dt><dd>${figure(strip?.due_at_signing)}</dd><dd class="note">${this.#word(strip?.due_at_signing, "cash down")}</dd></div>
      <div class="fig"><dt>Amount financed</dt><dd>${figure(strip?.amount_financed)}</dd><dd class="note">${this.#word(strip?.amount_financed, "after trade, cash")}</dd></div>
      <div class="fig"><dt>Total of payments</dt><dd>${figure(strip?.total_of_payments)}</dd>${this.#charge(strip?.finance_charge)}</div>
    `;
  }

  #cash(strip: Strip): TemplateResult {
    return html`
      <div class="fig pay ${strip.otd.state}">
        <dt>Out the door, before trade</dt>
        <dd>${figure(strip.otd, true)}</dd>
        ${this.#note(strip.otd, strip.otd_note)}
      </div>
      <div class="fig otd ${strip.due_at_signing.state}"><dt>Due at delivery</dt><dd>${figure(strip.due_at_signing)}</dd><dd class="note">${this.#word(strip.due_at_signing, "after trade")}</dd></div>
      <div class="fig"><dt>Out the door</dt><dd>${figure(strip.otd_after)}</dd><dd class="note">${this.#word(strip.otd_after, "after trade")}</dd></div>
      <div class="fig"><dt>Tax and fees</dt><dd>${figure(strip.tax_and_fees)}</dd><dd class="note">${this.#word(strip.tax_and_fees, "in the first figure")}</dd></div>
    `;
  }

  /** Under the big figure: since when it is old, what it waits for, or its terms. */
  #note(shown: Figure | undefined, terms: string): TemplateResult {
    const { fresh, phase, viewAt, workerNote } = this.desk;
    if (workerNote) return html`<dd class="note" role="status">${workerNote}</dd>`;
    const refusal = this.desk.refused[0];
    if (refusal) return html`<dd class="note">${refusal.message}</dd>`;
    if (!fresh) {
      const since = viewAt ? `figures of ${clock(viewAt)}, starting up` : this.desk.fetched || "starting up";
      return html`<dd class="note">${phase === "stopped" ? "not computed" : since}</dd>`;
    }
    if (shown?.state !== "waits") return html`<dd class="note" title=${terms}>${bound(terms)}</dd>`;
    const { words, asks } = waiting(shown);
    return asks
      ? html`<dd class="note"><button class="waitlink" type="button" title=${shown.waits} aria-keyshortcuts="Alt+A" @click=${toNeeded}>${words}</button></dd>`
      : html`<dd class="note" title=${shown.waits}>${words}</dd>`;
  }

  /** Two ends have no room here: they are in the words that a pointer or reader brings. */
  #charge(charge: Figure | undefined): TemplateResult {
    if (charge?.state !== "range") return html`<dd class="note">${figure(charge)} charge</dd>`;
    return html`<dd class="note" title="${charge.text} charge">charge by place<span class="sr">, ${charge.text}</span></dd>`;
  }

  /** What a figure waits for, unless the big one says so already. */
  #word(shown: Figure | undefined, otherwise: string): string {
    const strip = this.desk.view?.strip;
    const big = strip?.kind === "cash" ? strip.otd : strip?.payment;
    return shown?.state === "waits" && shown.waits && shown.waits !== big?.waits ? shown.waits : otherwise;
  }
}
customElements.define("deal-strip", DealStrip);

const figure = (shown: Figure | undefined, parts = false): TemplateResult =>
  html`<money-text .figure=${shown} ?parts=${parts}></money-text>`;

/** `10:41`, or the day too when it was not today. */
function clock(at: string): string {
  const then = new Date(at);
  const time = then.toLocaleTimeString("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const sameDay = then.toDateString() === new Date().toDateString();
  return sameDay ? time : `${then.toLocaleDateString("en-US", { month: "short", day: "numeric" })}, ${time}`;
}

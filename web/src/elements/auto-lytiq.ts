import { html, nothing, type TemplateResult } from "lit";
import { route } from "../parts/route.js";
import { noted, said } from "../parts/wrong.js";
import { ALL_STATES } from "./fields.js";
import { DeskElement } from "./base.js";
import "./app-bar.js";
import "./deal-facts.js";
import "./deal-strip.js";
import "./key-map.js";
import "./law-questions.js";
import "./payments.js";
import "./quick-quote.js";
import "./worksheet-panel.js";

/** A fee above its legal limit blocks what the customer is shown. */
const OVER_LIMIT = "fee_over_limit";

/** The whole page: one bar, and the desk or the quick quote below it. */
export class AutoLytiq extends DeskElement {
  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.#onRoute);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.#onRoute);
  }

  protected override shouldUpdate(): boolean {
    return this.desk.opened;
  }

  protected override willUpdate(): void {
    // The static shell of the first paint makes room for the live page.
    if (!this.hasUpdated) this.replaceChildren();
    const { desk } = this;
    const waits = desk.fresh && (desk.view?.errors.length ?? 0) > 0;
    const states = [
      desk.fresh ? "" : "booting",
      desk.busy ? "computing" : "",
      waits ? "error" : "",
      desk.offline ? "offline" : "",
      desk.updateReady ? "update" : "",
      desk.view?.range ? "range" : "",
    ];
    document.documentElement.dataset["state"] = states.filter(Boolean).join(" ");
    document.title = title(desk.fresh ? desk.view?.strip.payment.text : "", route() === "quick");
  }

  protected override render(): TemplateResult {
    return html`
      ${route() === "quick" ? this.#quick() : this.#deskPage()}
      <datalist id=${ALL_STATES}>${this.desk.info?.all_states.map(({ value, label }) => html`<option value=${value}>${label}</option>`)}</datalist>
      <p class="sr" role="status" aria-live="polite">${this.desk.announcement}</p>
      <key-map></key-map>
    `;
  }

  #deskPage(): TemplateResult {
    return html`
      <a class="skip" href="#ws" @click=${skip}>Skip to the worksheet</a>
      <div class="paper papertop" aria-hidden="true"><strong>${this.desk.view?.head.title}</strong><span class="r">Worksheet, working copy, not a pencil</span><span>${this.desk.view?.head.place}</span><span class="r">${this.desk.view?.head.law_date}</span></div>
      <app-bar role="banner"></app-bar>
      <deal-strip role="region" aria-label="Deal and its figures"></deal-strip>
      <main id="work" aria-busy=${this.desk.busy || !this.desk.fresh}>
        <worksheet-panel class="sheet" role="form" aria-labelledby="ws"></worksheet-panel>
        <div class="stack pay-stack">
          <payments-panel class="sheet" role="region" aria-labelledby="py"></payments-panel>
        </div>
        <div class="stack margin">${this.#notes()}<law-questions></law-questions><deal-facts></deal-facts></div>
      </main>
    `;
  }

  #quick(): TemplateResult {
    return html`<quick-quote></quick-quote>`;
  }

  /** Warnings, and refusals that belong to no field in sight. */
  #notes(): TemplateResult | typeof nothing {
    const warnings = this.desk.view?.warnings ?? [];
    const homeless = this.desk.refused.filter((problem) => !problem.field);
    if (!warnings.length && !homeless.length && this.desk.phase !== "stopped") return nothing;
    return html`<section aria-labelledby="nt">
      <div class="head"><h2 id="nt">Look</h2></div>
      <ul class="checks">
        ${this.desk.phase === "stopped" ? html`<li><span class="bad">${this.desk.workerNote}</span></li>` : nothing}
        ${homeless.map((problem) => html`<li><span class="bad">${said(problem)}</span></li>`)}
        ${warnings.map((problem) => html`<li><span>${problem.code === OVER_LIMIT ? html`<span class="bad">Stop:</span>` : html`<span class="look">Look:</span>`} ${noted(problem)}</span></li>`)}
      </ul>
    </section>`;
  }

  readonly #onRoute = (): void => {
    this.requestUpdate();
    scrollTo(0, 0);
  };
}
customElements.define("auto-lytiq", AutoLytiq);

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("worksheet-panel input")?.focus();
}

function title(payment: string | undefined, quick: boolean): string {
  const parts = [payment && payment !== "—" ? payment : "", quick ? "Quick quote" : "Desk", "Autolytiq"];
  return parts.filter(Boolean).join(" · ");
}

import { html, nothing, type TemplateResult } from "lit";
import { takeUpdate } from "../desk/start.js";
import { icon } from "../parts/icons.js";
import { switchTheme } from "../parts/themes.js";
import { DeskElement } from "./base.js";

/** The top bar: where one is, how this device stands, light or dark. */
export class AppBar extends DeskElement {
  static override properties = { quick: { type: Boolean } };
  /** The narrow bar of the quick quote: the way back instead of the main links. */
  declare quick: boolean;

  protected override render(): TemplateResult {
    return html`
      ${this.quick
        ? html`<a class="back show" href="#desk">${icon("back")}Desk</a>`
        : html`<a class="mark" href="#desk" aria-label="Autolytiq, desk">${icon("mark")}Autolytiq</a>
            <a class="back" href="#quick">Quick quote</a>
            <nav aria-label="Main">
              <a href="#desk" aria-current="page">Desk</a>
              <a href="#quick">Quick quote</a>
            </nav>
            <span class="grow"></span>`}
      <sync-status role="status"></sync-status>
      <update-notice></update-notice>
      <button class="icon" type="button" aria-label="Light or dark" @click=${switchTheme}>${icon("half")}</button>
    `;
  }
}
customElements.define("app-bar", AppBar);

/** How this device stands. Offline is normal and quiet; a store that does not save is not. */
class SyncStatus extends DeskElement {
  protected override render(): TemplateResult {
    const { saveFault, offline } = this.desk;
    if (saveFault) return html`<span class="q" title=${saveFault}>${icon("wrong")}Not saved: ${saveFault}</span>`;
    if (offline) return html`<span>${icon("off")}<span class="words">Offline, saved<span class="long"> on this device</span></span></span>`;
    return html`<span>${icon("saved")}Saved</span>`;
  }
}
customElements.define("sync-status", SyncStatus);

/** A newer version is stored and verified; it is taken when the user says so. */
class UpdateNotice extends DeskElement {
  protected override render(): TemplateResult | typeof nothing {
    if (!this.desk.updateReady) return nothing;
    return html`<button class="btn small" type="button" @click=${() => void takeUpdate()}>Update ready</button>`;
  }
}
customElements.define("update-notice", UpdateNotice);

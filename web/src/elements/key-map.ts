import { html, type TemplateResult } from "lit";
import { goBack } from "../desk/start.js";
import { icon } from "../parts/icons.js";
import { lettersOn, turnLetters } from "../parts/letters.js";
import { DeskElement } from "./base.js";

const KEYS: readonly [string, string][] = [
  ["Enter, Tab", "commit, next field; with Shift the one before"],
  ["Esc", "the value before; again: leave the field"],
  ["Alt+Up, Alt+Down", "step the value"],
  ["Alt+W", "to the worksheet"],
  ["Alt+A", "to what is refused, or needed and not answered yet"],
  ["Alt+U", "take the store's usual answers"],
  ["Alt+G", "to the payment grid"],
  ["F2, Shift+F2", "in the grid: write the column's cash down, the row's months"],
  ["Alt+T", "open or close the tax line in view"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
  ["Q, N", "quick quote, new deal (outside fields)"],
  ["?", "this list"],
];

/** The keys, and which version runs here. */
export class KeyMap extends DeskElement {
  show(): void {
    this.querySelector("dialog")!.showModal();
  }

  protected override render(): TemplateResult {
    const close = (): void => this.querySelector("dialog")!.close();
    return html`<dialog aria-labelledby="km">
      <div class="in">
        <div class="head"><h2 id="km">Keys</h2><button class="icon" type="button" aria-label="Close" @click=${close}>${icon("close")}</button></div>
        <dl class="keys">${KEYS.map(([key, does]) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}</dl>
        <p><label class="check"><input type="checkbox" .checked=${lettersOn()} @change=${(e: Event) => turnLetters((e.target as HTMLInputElement).checked)} /> Single letters are keys, outside fields</label></p>
        <p class="fine">Law of pack ${this.desk.view?.rule_pack || "unknown"}. Started ${this.desk.way === "snapshot" ? "from the stored snapshot" : "plainly"}.
          ${this.desk.previousSet ? html`<button class="btn plain small" type="button" @click=${() => void goBack()}>Back to the version before</button>` : ""}</p>
      </div>
    </dialog>`;
  }
}
customElements.define("key-map", KeyMap);

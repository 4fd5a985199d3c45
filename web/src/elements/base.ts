/** What all elements of the page share: light DOM (labels, grid and ids work across them) and the one store. */
import { LitElement } from "lit";
import { desk } from "../desk/store.js";

export abstract class DeskElement extends LitElement {
  protected readonly desk = desk;
  readonly #onChange = (): void => this.requestUpdate();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.desk.addEventListener("change", this.#onChange);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.desk.removeEventListener("change", this.#onChange);
  }
}

/** An id for the element of a path: `trades/ID/allowance` has characters that ids and selectors dislike. */
export const idOf = (path: string): string => "f-" + path.replace(/[^\w-]/g, "-");

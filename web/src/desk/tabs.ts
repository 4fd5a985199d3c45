/**
 * Several tabs with one deal. What is typed in one is in the others at once, so that none of them later writes an older deal
 * over it. A tab keeps to its deal when it is loaded anew, also when another tab has gone on to the next one.
 */
import type { Draft } from "./draft.js";

const CHANNEL = "autolytiq-deal";
const TAB = "deal";

export class Tabs {
  readonly #channel = new BroadcastChannel(CHANNEL);
  #deal = "";

  /** Called with the draft that another tab holds now; its deal may be another. */
  listen(hear: (draft: Draft) => void): void {
    this.#channel.onmessage = ({ data }: MessageEvent<Draft>) => hear(data);
  }

  tell(draft: Draft): void {
    this.#channel.postMessage(draft);
  }

  /** Id of the deal that this tab showed last; empty in a new tab. */
  get deal(): string {
    try {
      return sessionStorage.getItem(TAB) ?? "";
    } catch {
      return "";
    }
  }

  /** This tab shows that deal. */
  keep(deal: string): void {
    if (deal === this.#deal) return;
    this.#deal = deal;
    try {
      sessionStorage.setItem(TAB, deal);
    } catch {
      // Loaded anew it shows the deal typed last.
    }
  }
}

import type { Figure } from "../shapes.js";
import { desk } from "../desk/store.js";
import { idOf } from "../elements/base.js";
import { PICKED_HERE } from "../elements/place-picker.js";
import type { WorksheetPanel } from "../elements/worksheet-panel.js";
import type { QuickQuote } from "../elements/quick-quote.js";

/** To the first question that is needed and open; one of the place is asked where the place is picked. */
export function toNeeded(): void {
  const path = desk.openQuestions[0]?.path;
  if (!path) return;
  if (PICKED_HERE.has(path)) document.querySelector<WorksheetPanel | QuickQuote>("worksheet-panel, quick-quote")?.askPlace(path);
  else document.getElementById(idOf(path))?.focus();
}

/**
 * What the big figure waits for, short enough for its place, and whether it is a question: then the words lead to it. The
 * price comes first: nobody is asked for more before there is one.
 */
export function waiting(figure: Figure | undefined): { words: string; asks: boolean } {
  const open = desk.openQuestions.length;
  const waits = figure?.waits || "waits";
  if (desk.view?.errors.length) return { words: waits, asks: false };
  if (!desk.text("selling_price")?.trim()) return { words: "waits for the selling price", asks: false };
  return { words: open > 1 ? `waits for ${open} answers` : waits, asks: open > 0 };
}

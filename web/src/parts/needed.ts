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

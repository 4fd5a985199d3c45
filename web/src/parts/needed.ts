import type { Figure } from "../shapes.js";
import { desk } from "../desk/store.js";
import { idOf } from "../elements/base.js";
import { PICKED_HERE } from "../elements/place-picker.js";
import { askPlace } from "./ask_place.js";

/** To the first field that is refused, else to the first question that is needed and open; whatever it is folded in opens. */
export function toNeeded(): void {
  const path = refused() ?? desk.openQuestions[0]?.path;
  if (!path) return;
  const field = document.getElementById(idOf(path));
  if (PICKED_HERE.has(path) || field?.closest("place-picker")) {
    askPlace(path);
    return;
  }
  const fold = field?.closest("details");
  if (fold) fold.open = true;
  field?.focus();
  if (!field || document.activeElement === field) return;
  // On a phone whole groups are folded to their sums.
  field.closest(".fold")?.querySelector<HTMLElement>("[data-fold]")?.click();
  requestAnimationFrame(() => field.focus());
}

/** The first refused field that stands on this screen. */
function refused(): string | undefined {
  const paths = (desk.view?.errors ?? []).map((problem) => problem.field);
  return paths.find((path) => path && document.getElementById(idOf(path)));
}

/**
 * What the big figure waits for, short enough for its place, and whether it is a question or a refused field: then the words lead
 * there. The price comes first: nobody is asked for more before there is one.
 */
export function waiting(figure: Figure | undefined): { words: string; asks: boolean } {
  const open = desk.openQuestions.length;
  const waits = figure?.waits || "waits";
  if (desk.view?.errors.length) return { words: waits, asks: refused() !== undefined };
  if (!desk.text("selling_price")?.trim()) return { words: "waits for the selling price", asks: false };
  return { words: open > 1 ? `waits for ${open} answers` : waits, asks: open > 0 };
}

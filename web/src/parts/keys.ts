/** Keys of the whole page. Fields have their own; single letters count only outside them. */
import { desk } from "../desk/store.js";
import type { DraftField } from "../elements/fields.js";
import type { KeyMap } from "../elements/key-map.js";
import type { PaymentGrid } from "../elements/payment-grid.js";
import type { TaxLine } from "../elements/tax-line.js";
import { lettersOn } from "./letters.js";
import { toNeeded } from "./needed.js";

export function listenToKeys(): void {
  addEventListener("keydown", onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const inField = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  const ctrl = event.ctrlKey || event.metaKey;
  if (event.altKey && !ctrl) {
    const act = { KeyW: toWorksheet, KeyG: toGrid, KeyT: toggleTax, KeyA: toNeeded, KeyU: takeUsual }[event.code];
    if (act) {
      event.preventDefault();
      act();
    }
  } else if (ctrl && event.code === "KeyZ") {
    event.preventDefault();
    travel(event.shiftKey);
  } else if (!inField && !ctrl && !event.altKey) {
    if (event.key !== "?" && !lettersOn()) return;
    if (event.key === "?") document.querySelector<KeyMap>("key-map")?.show();
    else if (event.key === "q") location.hash = "#quick";
    else if (event.key === "n") newDeal();
    else return;
    event.preventDefault();
  }
}

const price = (): HTMLElement | null => document.getElementById("f-selling_price");

function toWorksheet(): void {
  price()?.focus();
}

function takeUsual(): void {
  desk.takeUsual();
}

function toGrid(): void {
  document.querySelector<PaymentGrid>("payment-grid")?.focusCell();
}

/** The first tax line in view, below the strip. */
function toggleTax(): void {
  const lines = [...document.querySelectorAll<TaxLine>("tax-line")];
  (lines.find((line) => line.open) ?? lines.find((line) => line.getBoundingClientRect().bottom > 140) ?? lines[0])?.toggle();
}

/** Undo and redo are per committed edit, so the open one is committed first. */
function travel(forward: boolean): void {
  const field = document.activeElement;
  if (field instanceof HTMLElement && field.matches("input.f")) field.blur();
  if (forward) desk.redo();
  else desk.undo();
}

/** A new deal is one edit: undo brings the old one back. */
function newDeal(): void {
  desk.startOver();
  // A field that is entered keeps its text: first it must have lost the old deal's. What is typed next waits for no frame.
  void price()?.closest<DraftField>("money-field")?.updateComplete.then(toWorksheet);
}

import { html, type TemplateResult } from "lit";
import type { ListName } from "../desk/draft.js";
import type { DeskStore } from "../desk/store.js";
import { icon } from "../parts/icons.js";
import type { FieldView, LedgerLine } from "../shapes.js";

/** The field of each list whose line opens to the rest of the item. */
const LEADS: Readonly<Record<string, string>> = {
  adds: "amount",
  rebates: "amount",
  fees: "amount",
  trades: "allowance",
  products: "price",
};

/** What else can be said of the item that this line leads: kind, name, dates … whatever the worksheet does not show itself. */
export function itemFields(desk: DeskStore, path: string): FieldView[] {
  const [list = "", id, name] = path.split("/");
  if (id === undefined || LEADS[list] !== name) return [];
  const shown = new Set(desk.view?.ledger.flatMap((line) => [line.path, line.check]));
  const prefix = `${list}/${id}/`;
  return Object.values(desk.view?.fields ?? {}).filter((field) => field.path.startsWith(prefix) && !shown.has(field.path));
}

export function removeButton(desk: DeskStore, line: LedgerLine): TemplateResult {
  const [list, id] = line.path.split("/") as [ListName, string];
  return html`<button class="btn plain small" type="button" @click=${() => desk.remove(list, id)}>${icon("trash")}Take this line away</button>`;
}

/** A further line: what it is called, its list, the kind it begins with, and the field that leads it. */
const FURTHER: readonly [string, ListName, Record<string, string>, string][] = [
  ["Accessory", "adds", { kind: "accessory" }, "amount"],
  ["Rebate", "rebates", { kind: "loyalty" }, "amount"],
  ["Fee", "fees", { kind: "other" }, "amount"],
  ["Product", "products", { kind: "service_contract" }, "price"],
  ["Trade", "trades", {}, "allowance"],
];

/** Buttons that add a line. */
export function furtherLines(add: (list: ListName, fields: Record<string, string>, lead: string) => void): TemplateResult {
  return html`<div class="further" role="group" aria-label="Add a line">
    ${FURTHER.map(([label, list, fields, lead]) => html`<button class="btn plain small" type="button" @click=${() => add(list, fields, lead)}>${icon("plus")}${label}</button>`)}
  </div>`;
}

/**
 * The worksheet before the very first answer: its fields work at once, its figures wait. Later starts show the last view
 * instead. Labels and keys are those of pyapp's ledger: a field that is being
 * typed in when the first answer comes stays where it is.
 */
import type { FieldView, Figure, LedgerLine } from "../shapes.js";
import type { Draft } from "./draft.js";

const WAITS: Figure = { text: "—", state: "waits", cents: null, whole: "", decimals: "", low: "", high: "", waits: "" };

type Row = [LedgerLine["group"], LedgerLine["style"], string, 1 | 2, string?];

export function blankLedger(draft: Draft): LedgerLine[] {
  const item = (list: string): string => `${list}/${draft.lists[list]?.[0]?.id ?? ""}`;
  const rows: Row[] = [
    ["price", "head", "Selling price", 2, "selling_price"],
    ["price", "item", "MSRP", 1, "vehicle.msrp"],
    ["price", "item", "Discount", 1, "discount"],
    ["rebates", "head", "Manufacturer rebate", 2, `${item("rebates")}/amount`],
    ["tax", "head", "Tax", 2],
    ["fees", "head", "Fees", 2],
    ["fees", "item", "Document fee", 1, `${item("fees")}/amount`],
    ["otd", "total", "Out the door, before trade", 2],
    ["trade", "head", "Trade", 2],
    ["trade", "item", "Allowance", 1, `${item("trades")}/allowance`],
    ["trade", "item", "Payoff", 1, `${item("trades")}/payoff`],
    ["after", "total", "Out the door, after trade", 2],
    ["down", "head", "Cash down", 2, "money_down.cash_down"],
    ["result", "grand", "Amount financed", 2],
  ];
  return rows.map(([group, style, label, column, path = ""]) => ({
    key: path || `${group}-${label}`,
    group,
    style,
    label,
    amount: WAITS,
    column,
    path,
    law: "",
    hint: "",
    marks: [],
    check: "",
  }));
}

const blank = (path: string, kind: FieldView["kind"], label: string): [string, Partial<FieldView>] => [path, { path, kind, label, text: "" }];

/** How fields outside the ledger are written before the first answer. */
export const BLANK_FIELDS: Readonly<Record<string, Partial<FieldView>>> = Object.fromEntries([
  blank("structure.months", "count", "Months"),
  blank("structure.rate", "percent", "Rate"),
  blank("structure.days_to_first", "count", "Days to first"),
]);

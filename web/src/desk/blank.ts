/**
 * The worksheet before an answer: before the very first one, and for a line that was just added or taken away. Its fields work
 * at once, its figures wait. Groups, order and keys are those of pyapp's ledger: a field that is being typed in when the
 * answer comes stays where it is.
 */
import type { FieldView, Figure, LedgerLine } from "../shapes.js";
import type { Draft } from "./draft.js";

type Group = LedgerLine["group"];

/** The groups of the ledger, top to bottom. */
export const GROUPS: readonly Group[] = ["price", "rebates", "tax", "fees", "products", "otd", "trade", "after", "down", "result"];

const WAITS: Figure = { text: "—", state: "waits", cents: null, whole: "", decimals: "", low: "", high: "", waits: "" };

type Row = [Group, LedgerLine["style"], string, 1 | 2, string?];

export function blankLedger(draft: Draft): LedgerLine[] {
  const item = (list: string): string => `${list}/${draft.lists[list]?.[0]?.id ?? ""}`;
  const cash = draft.fields["structure.kind"] === "cash";
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
    cash ? ["down", "head", "Deposit already paid", 2, "money_down.deposit"] : ["down", "head", "Cash down", 2, "money_down.cash_down"],
    ["result", "grand", cash ? "Due at delivery" : "Amount financed", 2],
  ];
  return rows.map(line);
}

function line([group, style, label, column, path = ""]: Row): LedgerLine {
  return { key: path || `${group}-${label}`, group, style, label, amount: WAITS, column, path, law: "", hint: "", marks: [], check: "" };
}

/** The lines of one item of a list: where they stand, and the fields on them; the first leads the item. */
const LINES: Readonly<Record<string, { group: Group; rows: readonly [LedgerLine["style"], string, 1 | 2, string][]; check?: string }>> = {
  adds: { group: "price", rows: [["head", "Accessory", 2, "amount"]] },
  rebates: { group: "rebates", rows: [["head", "Rebate", 2, "amount"]] },
  fees: { group: "fees", rows: [["item", "Fee", 1, "amount"]] },
  products: { group: "products", rows: [["item", "Product", 1, "price"]], check: "taken" },
  trades: { group: "trade", rows: [["item", "Allowance", 1, "allowance"], ["item", "Payoff", 1, "payoff"]] },
};

/** The group in which the items of a list stand. */
export const groupOf = (list: string): Group | undefined => LINES[list]?.group;

/** A ledger that is older than the draft, with the lines of its new items and without those of items that are gone. */
export function upToDate(ledger: readonly LedgerLine[], draft: Draft): LedgerLine[] {
  const has = (path: string): boolean => {
    const [list, id] = path.split("/");
    return id === undefined || Boolean(draft.lists[list!]?.some((item) => item.id === id));
  };
  const lines = ledger.filter((old) => has(old.path));
  const shown = new Set(lines.map((old) => old.path));
  for (const [list, { group, rows, check }] of Object.entries(LINES)) {
    for (const { id } of draft.lists[list] ?? []) {
      const path = (name: string): string => `${list}/${id}/${name}`;
      if (shown.has(path(rows[0]![3]))) continue;
      const fresh = rows.map(([style, label, column, name]) => ({ ...line([group, style, label, column, path(name)]), check: check ? path(check) : "" }));
      lines.splice(placeOf(lines, list, group), 0, ...fresh);
    }
  }
  return lines;
}

/** Where the next item of a list stands: below its last one, else at the end of its group; what the dealer charges before the law's fees. */
function placeOf(lines: readonly LedgerLine[], list: string, group: Group): number {
  const last = lines.findLastIndex((old) => old.path.startsWith(`${list}/`));
  if (last >= 0) return last + 1;
  const head = lines.findIndex((old) => old.group === group);
  if (list === "fees" && head >= 0) return head + 1;
  const below = lines.findIndex((old) => GROUPS.indexOf(old.group) > GROUPS.indexOf(group));
  return below < 0 ? lines.length : below;
}

const blank = (path: string, kind: FieldView["kind"], label: string): [string, Partial<FieldView>] => [path, { path, kind, label, text: "" }];

/** How fields outside the ledger are written before the first answer. */
export const BLANK_FIELDS: Readonly<Record<string, Partial<FieldView>>> = Object.fromEntries([
  blank("structure.months", "count", "Months"),
  blank("structure.rate", "percent", "Rate"),
  blank("structure.days_to_first", "count", "Days to first"),
]);

/**
 * The draft: texts as they were typed, by path. Changing one gives a new draft and leaves the old one as it was, so that undo
 * is a list of drafts. Nothing here reads a text.
 */
import type { Draft as Shape, DraftItem } from "../shapes.js";
import { STORE_DEFAULTS } from "./store_defaults.js";
import { uuid7 } from "./uuid7.js";

export type Draft = Required<Shape>;
export type ListName = "adds" | "rebates" | "trades" | "fees" | "products" | "local";

const BY_HAND = "by_hand.";
const LOCAL_RATE = "place.local_rate";

/** Fields that set another one, and that other: of the two the one typed last counts. */
const SETS: Readonly<Record<string, string>> = {
  discount: "selling_price",
  "structure.days_to_first": "dates.first_payment_date",
};

/** A deal with nothing typed but what the store always fills in. */
export function newDraft(): Draft {
  const item = (fields: Record<string, string>): DraftItem => ({ id: uuid7(), fields });
  return {
    id: uuid7(),
    schema_version: 1,
    fields: { ...STORE_DEFAULTS },
    lists: {
      rebates: [item({ kind: "manufacturer" })],
      fees: [item({ kind: "document" })],
      trades: [item({})],
    },
    by_hand: {},
    leads: [],
  };
}

/** A draft as it was stored: whatever an older page left out is empty, never wrong. */
export function asDraft(stored: Shape): Draft {
  return { schema_version: 1, fields: {}, lists: {}, by_hand: {}, leads: [], ...stored };
}

export function textAt(draft: Draft, path: string): string | undefined {
  if (path.startsWith(BY_HAND)) return draft.by_hand[path.slice(BY_HAND.length)];
  const [list, id, ...rest] = path.split("/");
  if (id === undefined) return draft.fields[path];
  return draft.lists[list!]?.find((item) => item.id === id)?.fields?.[rest.join("/")];
}

/** The draft with one text changed; `undefined` takes it away. */
export function withText(draft: Draft, path: string, text: string | undefined): Draft {
  if (path.startsWith(BY_HAND)) return { ...draft, by_hand: put(draft.by_hand, path.slice(BY_HAND.length), text) };
  const [list, id, ...rest] = path.split("/");
  if (id === undefined) {
    if (path === "place.state") return inState(draft, text ?? "");
    return { ...draft, fields: put(draft.fields, path, text), leads: leadsAfter(draft.leads, path, text) };
  }
  const items = draft.lists[list!] ?? [];
  const known = items.some((item) => item.id === id) ? items : [...items, { id, fields: {} }];
  const changed = known.map((item) =>
    item.id === id ? { ...item, fields: put(item.fields ?? {}, rest.join("/"), text) } : item,
  );
  return { ...draft, lists: { ...draft.lists, [list!]: changed } };
}

export function withItem(draft: Draft, list: ListName, fields: Record<string, string> = {}): [Draft, string] {
  const id = uuid7();
  const items = [...(draft.lists[list] ?? []), { id, fields }];
  return [{ ...draft, lists: { ...draft.lists, [list]: items } }, id];
}

export function withoutItem(draft: Draft, list: ListName, id: string): Draft {
  const items = (draft.lists[list] ?? []).filter((item) => item.id !== id);
  return { ...draft, lists: { ...draft.lists, [list]: items } };
}

/** What is true of a place in one state only: followed into another, it would be wrong law or a wrong address there. */
const OF_THE_PLACE: readonly string[] = [LOCAL_RATE, "place.county", "place.city", "place.zip", "place.facts.residence_county_kind"];

/** The draft in another state, without what was of the state before: its local levies and amounts by hand too. */
function inState(draft: Draft, state: string): Draft {
  if (state === textAt(draft, "place.state")) return draft;
  const { local: _before, ...lists } = draft.lists;
  const fields = OF_THE_PLACE.reduce((kept, path) => put(kept, path, undefined), draft.fields);
  return { ...draft, lists, by_hand: {}, fields: put(fields, "place.state", state) };
}

/** The one local rate as the first row of several, and a blank row after it; and the id of the row to go on in. */
export function withLevies(draft: Draft): [Draft, string] {
  const rate = draft.fields[LOCAL_RATE];
  const rows = [rate === undefined ? {} : { rate_percent: rate }, {}].map((fields) => ({ id: uuid7(), fields }));
  const next = { ...draft, fields: put(draft.fields, LOCAL_RATE, undefined), lists: { ...draft.lists, local: rows } };
  return [next, rows[rate === undefined ? 0 : 1]!.id];
}

function leadsAfter(leads: readonly string[], path: string, text: string | undefined): string[] {
  const typed = Boolean(text?.trim());
  const kept = leads.filter((leader) => leader !== path && !(typed && SETS[leader] === path));
  return typed && path in SETS ? [...kept, path] : kept;
}

/** The draft with the texts that the typing overtook; what was typed last stands in them now, so nothing leads any more. */
export function withRewrites(draft: Draft, rewrites: Readonly<Record<string, string>>): Draft {
  let fields = draft.fields;
  for (const [path, text] of Object.entries(rewrites)) fields = put(fields, path, text || undefined);
  // A discount has become the price; days to the first payment stay, and the day that they replaced is gone.
  for (const leader of draft.leads) if (rewrites[SETS[leader]!]) fields = put(fields, leader, undefined);
  return { ...draft, fields, leads: [] };
}

/** Whether a field, or one that it sets or is set by, is among the paths. */
export function touches(path: string, rewrites: Readonly<Record<string, string>>): boolean {
  return Object.entries(SETS).some(([leader, set]) => (leader in rewrites || set in rewrites) && (path === leader || path === set));
}

function put(texts: Record<string, string>, key: string, text: string | undefined): Record<string, string> {
  const changed = { ...texts };
  if (text === undefined) delete changed[key];
  else changed[key] = text;
  return changed;
}

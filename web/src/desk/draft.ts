/**
 * The draft: texts as they were typed, by path. Changing one gives a new draft and leaves the old one as it was, so that undo
 * is a list of drafts. Nothing here reads a text.
 */
import type { Draft as Shape, DraftItem } from "../shapes.js";
import { followState, STORE_DEFAULTS } from "./store_defaults.js";
import { uuid7 } from "./uuid7.js";

export type Draft = Required<Shape>;
export type ListName = "adds" | "rebates" | "trades" | "fees" | "products" | "local" | "parties";

const BY_HAND = "by_hand.";

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
    fields: followState(STORE_DEFAULTS, STORE_DEFAULTS["place.state"]!),
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
    const fields = put(draft.fields, path, text);
    const next = { ...draft, fields, leads: leadsAfter(draft.leads, path, text) };
    return path === "place.state" && text !== draft.fields[path] ? inState(next, text ?? "") : next;
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

/** The draft in another state: local rates and amounts by hand were of the state before, and would be wrong law here. */
function inState(draft: Draft, state: string): Draft {
  const { local: _before, ...lists } = draft.lists;
  return { ...draft, lists, by_hand: {}, fields: followState(put(draft.fields, "place.local_rate", undefined), state) };
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

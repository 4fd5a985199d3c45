/**
 * What a store fills in before anything is typed: its place and its usual terms. Stands for the store's own settings until a
 * store can keep some; every value is an ordinary text of the draft, shown in its field, and can be typed over.
 */
export const STORE_DEFAULTS: Readonly<Record<string, string>> = {
  "place.state": "TX",
  "structure.kind": "finance",
  "structure.months": "72",
  "structure.rate": "6.99",
};

export interface Usual {
  readonly text: string;
  /** As the button names it. */
  readonly says: string;
  /** Only true of the store's own state. */
  readonly home?: true;
}

/**
 * What is usual here. A fact of a vehicle or a customer sets prices, so it is never filled in unasked: a button offers these
 * where they are needed, and one press takes them.
 */
export const USUAL: Readonly<Record<string, Usual>> = {
  "vehicle.new_or_used": { text: "new", says: "new" },
  "vehicle.fuel": { text: "gasoline", says: "gasoline" },
  "vehicle.weight_lbs": { text: "4000", says: "4,000 lb", home: true },
  "place.facts.residence_county_kind": { text: "affected", says: "county affected", home: true },
};

/** The usual answer to a question in a state; undefined where the store has none there. */
export function usualIn(state: string, path: string): Usual | undefined {
  const usual = USUAL[path];
  return usual?.home && state !== STORE_DEFAULTS["place.state"] ? undefined : usual;
}

/**
 * What a store fills in before anything is typed. Stands for the store's own settings until a store can keep some; every
 * value is an ordinary text of the draft, shown in its field, and can be typed over.
 */
export const STORE_DEFAULTS: Readonly<Record<string, string>> = {
  "place.state": "TX",
  "vehicle.new_or_used": "new",
  "vehicle.fuel": "gasoline",
  "structure.kind": "finance",
  "structure.months": "72",
  "structure.rate": "6.99",
};

/**
 * The usual weight and the store's kind of county, which its own state's registration fees ask for. Elsewhere such facts can decide the
 * tax itself (weight in DC), so there they are asked and never filled in.
 */
export const AT_HOME: Readonly<Record<string, string>> = {
  "vehicle.weight_lbs": "4000",
  "place.facts.residence_county_kind": "affected",
};

/** What follows from registering in another state: the store's usual facts go with its own state and come back with it. */
export function followState(fields: Readonly<Record<string, string>>, state: string): Record<string, string> {
  const changed = { ...fields };
  const home = state === STORE_DEFAULTS["place.state"];
  for (const [path, usual] of Object.entries(AT_HOME)) {
    if (home) changed[path] ??= usual;
    else if (changed[path] === usual) delete changed[path];
  }
  return changed;
}

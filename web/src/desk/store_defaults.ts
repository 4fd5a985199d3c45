/**
 * What a store fills in before anything is typed. Stands for the store's own settings until a store can keep some; every
 * value is an ordinary field of the draft and can be typed over.
 */
export const STORE_DEFAULTS: Readonly<Record<string, string>> = {
  "place.state": "TX",
  "vehicle.new_or_used": "new",
  "structure.kind": "finance",
  "structure.months": "72",
  "structure.rate": "6.99",
};

/**
 * What a tab carries over when its page is left before the store has answered for the newest keys: kept by the browser for
 * this tab alone, and gone as soon as the store has it.
 */
import type { Draft as Shape } from "../shapes.js";

const CARRIED = "carried";

/** A deal as it is stored; `touched` is when it was typed in last, RFC 3339 UTC. */
export interface Deal {
  id: string;
  draft: Shape;
  touched: string;
}

export function carry(deal: Deal): void {
  try {
    sessionStorage.setItem(CARRIED, JSON.stringify(deal));
  } catch {
    // No room, or none allowed: the write that is under way has to do.
  }
}

export function carried(): Deal | null {
  try {
    return JSON.parse(sessionStorage.getItem(CARRIED) ?? "null") as Deal | null;
  } catch {
    return null;
  }
}

export function drop(): void {
  try {
    sessionStorage.removeItem(CARRIED);
  } catch {
    // Nothing was carried then.
  }
}

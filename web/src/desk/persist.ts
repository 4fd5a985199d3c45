/**
 * The deal on this device. Each key press is written at once and is with the operating system a moment later, so that it
 * survives the browser being killed; when the typing rests, and when the page is left, a strict transaction brings it to the
 * disk itself, so that it survives the machine too. (Strict for each key would make the next key wait for the disk, and on a
 * busy one the newest keys would be lost.) A store that cannot be opened is an error that the page shows, never a silent loss.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Draft as Shape, View } from "../shapes.js";
import { carried, carry, type Deal, drop } from "./carried.js";

interface Schema extends DBSchema {
  deals: { key: string; value: Deal };
  views: { key: string; value: { id: string; view: View; draft: Shape; at: string } };
  meta: { key: string; value: { key: string; value: string } };
}

const NAME = "autolytiq";
const VERSION = 1;
const CURRENT = "current_deal";
const WISHES = "grid_wishes";
/** Milliseconds without a key after which the deal goes to the disk. */
const REST = 1_500;

export interface Kept {
  draft: Shape;
  /** Whether nothing was kept here before. */
  first: boolean;
  /** What is wished of the grid, as JSON; empty: nothing. */
  wishes: string;
  view: View | null;
  /** The draft that the view was computed from. */
  viewDraft: Shape | null;
  /** When the view's figures were computed, RFC 3339. */
  viewAt: string;
}

export class Shelf {
  #db: IDBPDatabase<Schema> | null = null;
  #rest = 0;
  /** The newest draft, until it is on the disk. */
  #latest: Deal | null = null;
  /** The newest draft, until the store has it. */
  #unwritten: Deal | null = null;

  /** Called whenever saving begins to fail, or works again (empty). */
  onFault: (message: string) => void = () => undefined;

  /** Open the store and read the deal of this tab, else the one typed last; where there is none, `blank` is kept. */
  async open(deal: string, blank: Shape): Promise<Kept> {
    this.#db = await openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore("deals", { keyPath: "id" });
        db.createObjectStore("views", { keyPath: "id" });
        db.createObjectStore("meta", { keyPath: "key" });
      },
      // Another tab runs a newer build: let it go on; this one says that it no longer saves.
      blocking: (_from, _to, event) => {
        (event.target as IDBDatabase).close();
        this.#db = null;
        this.onFault("A newer version is open in another tab. Load this page again to go on saving.");
      },
      terminated: () => {
        this.#db = null;
        this.onFault("The browser closed its store. Load this page again to go on saving.");
      },
    });
    const mine = await this.#takeCarried();
    const kept = (await this.#kept(mine?.id ?? deal)) ?? (await this.#begin(blank));
    return mine ? { ...kept, draft: mine.draft } : kept;
  }

  async #kept(wanted: string): Promise<Kept | null> {
    const tx = this.#db!.transaction(["deals", "views", "meta"]);
    const [mine, current, wishes] = await Promise.all([
      wanted ? tx.objectStore("deals").get(wanted) : undefined,
      tx.objectStore("meta").get(CURRENT),
      tx.objectStore("meta").get(WISHES),
    ]);
    const deal = mine ?? (current && (await tx.objectStore("deals").get(current.value)));
    if (!deal) return null;
    const view = await tx.objectStore("views").get(deal.id);
    return { draft: deal.draft, first: false, wishes: wishes?.value ?? "", view: view?.view ?? null, viewDraft: view?.draft ?? null, viewAt: view?.at ?? "" };
  }

  /** Two tabs that open an empty store at once begin one deal: whoever comes second finds the first one's. */
  async #begin(blank: Shape): Promise<Kept> {
    const tx = this.#db!.transaction(["deals", "meta"], "readwrite");
    const current = await tx.objectStore("meta").get(CURRENT);
    if (!current) {
      void tx.objectStore("deals").put({ id: blank.id, draft: blank, touched: new Date().toISOString() });
      void tx.objectStore("meta").put({ key: CURRENT, value: blank.id });
    }
    await tx.done;
    const kept = await this.#kept(current?.value ?? blank.id);
    return { ...kept!, first: !current };
  }

  /** A deal as it is stored now. */
  async read(id: string): Promise<Shape | null> {
    return (await this.#db?.get("deals", id))?.draft ?? null;
  }

  async saveWishes(wishes: string): Promise<void> {
    try {
      await this.#db?.put("meta", { key: WISHES, value: wishes });
    } catch (fault) {
      this.onFault(fault instanceof Error ? fault.message : String(fault));
    }
  }

  /** Write the draft now. Writes reach the store in the order in which they were begun. */
  save(draft: Shape): Promise<void> {
    this.#latest = this.#unwritten = { id: draft.id, draft, touched: new Date().toISOString() };
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => void this.toDisk(), REST);
    return this.#write(this.#latest, "relaxed");
  }

  /** Bring the newest draft to the disk. */
  async toDisk(): Promise<void> {
    clearTimeout(this.#rest);
    const deal = this.#latest;
    if (deal) await this.#write(deal, "strict");
    if (this.#latest === deal) this.#latest = null;
  }

  /** The page is left: what a busy store has not taken yet would be lost with it. */
  leave(): void {
    if (this.#unwritten) carry(this.#unwritten);
    void this.toDisk();
  }

  async #write(deal: Deal, durability: IDBTransactionDurability): Promise<void> {
    try {
      if (!this.#db) throw new Error("the store on this device is closed");
      const tx = this.#db.transaction(["deals", "meta"], "readwrite", { durability });
      void tx.objectStore("deals").put(deal);
      void tx.objectStore("meta").put({ key: CURRENT, value: deal.id });
      // The browser need not hear from this page again, which may be gone when the store gets to it.
      tx.commit();
      await tx.done;
      if (this.#unwritten === deal) {
        this.#unwritten = null;
        drop();
      }
      this.onFault("");
    } catch (fault) {
      this.onFault(fault instanceof Error ? fault.message : String(fault));
    }
  }

  /** The deal that this tab carried over, and written now; null when there is none or another tab has typed on in it since. */
  async #takeCarried(): Promise<Deal | null> {
    const deal = carried();
    if (!deal) return null;
    const stored = await this.#db!.get("deals", deal.id);
    if (stored && stored.touched >= deal.touched) {
      drop();
      return null;
    }
    this.#latest = this.#unwritten = deal;
    await this.#write(deal, "strict");
    return deal;
  }

  /** The last figures, for the first paint of the next start. Losing them costs nothing but that. */
  async saveView(draft: Shape, view: View): Promise<void> {
    try {
      await this.#db?.put("views", { id: draft.id, view, draft, at: new Date().toISOString() });
    } catch {
      // Not worth a word: the next answer tries again.
    }
  }
}

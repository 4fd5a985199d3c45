/**
 * The deal on this device. Each key press is written at once, in a strict transaction, so that what was typed survives the
 * browser being killed. A store that cannot be opened is an error that the page shows, never a silent loss.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Draft as Shape, View } from "../shapes.js";

interface Schema extends DBSchema {
  deals: { key: string; value: { id: string; draft: Shape; touched: string } };
  views: { key: string; value: { id: string; view: View; draft: Shape; at: string } };
  meta: { key: string; value: { key: string; value: string } };
}

const NAME = "autolytiq";
const VERSION = 1;
const CURRENT = "current_deal";

export interface Kept {
  draft: Shape | null;
  view: View | null;
  /** The draft that the view was computed from. */
  viewDraft: Shape | null;
  /** When the view's figures were computed, RFC 3339. */
  viewAt: string;
}

export class Shelf {
  #db: IDBPDatabase<Schema> | null = null;
  #next: Shape | null = null;
  #writing: Promise<void> | null = null;

  /** Called whenever saving begins to fail, or works again (empty). */
  onFault: (message: string) => void = () => undefined;

  async open(): Promise<Kept> {
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
    const tx = this.#db.transaction(["deals", "views", "meta"]);
    const id = (await tx.objectStore("meta").get(CURRENT))?.value;
    if (!id) return { draft: null, view: null, viewDraft: null, viewAt: "" };
    const [deal, view] = await Promise.all([tx.objectStore("deals").get(id), tx.objectStore("views").get(id)]);
    return { draft: deal?.draft ?? null, view: view?.view ?? null, viewDraft: view?.draft ?? null, viewAt: view?.at ?? "" };
  }

  /** Write the draft now, or as soon as the write before it has ended; only the newest waits. */
  save(draft: Shape): Promise<void> {
    this.#next = draft;
    this.#writing ??= this.#drain().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const draft = this.#next;
      this.#next = null;
      try {
        if (!this.#db) throw new Error("the store on this device is closed");
        const tx = this.#db.transaction(["deals", "meta"], "readwrite", { durability: "strict" });
        void tx.objectStore("deals").put({ id: draft.id, draft, touched: new Date().toISOString() });
        void tx.objectStore("meta").put({ key: CURRENT, value: draft.id });
        await tx.done;
        this.onFault("");
      } catch (fault) {
        this.onFault(fault instanceof Error ? fault.message : String(fault));
      }
    }
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

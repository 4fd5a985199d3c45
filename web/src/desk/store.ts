/**
 * The page's one state: what is typed (kept here, also while Python starts), the last view, and how the worker is doing. It
 * computes nothing; every change is written to the device and sent whole to the worker, the newest draft only.
 */
import type { ErrorAnswer, FieldView, GridAsk, Info, PriceCall, Problem, Question, View } from "../shapes.js";
import type { BootWay } from "../rpc/protocol.js";
import { type Rpc, WorkerLost } from "../rpc/client.js";
import { asDraft, type Draft, type ListName, newDraft, textAt, touches, withItem, withLevies, withoutItem, withRewrites, withText } from "./draft.js";
import { Shelf } from "./persist.js";
import { Tabs } from "./tabs.js";
import { type Usual, usualIn } from "./store_defaults.js";

export type Phase = "booting" | "ready" | "restarting" | "stopped";

/** Columns and rows that fit; the small grid is always by cash down. */
export type GridFit = Pick<GridAsk, "columns" | "rows" | "by">;
export type GridWishes = Pick<GridAsk, "by" | "downs" | "rates" | "months" | "target">;

/** The bar appears after this many milliseconds of computing, a word after `SAY_AFTER`. */
const BUSY_AFTER = 150;
const SAY_AFTER = 3_000;
const ANNOUNCE_AFTER = 700;
const KEEP_VIEW_AFTER = 400;
const STATE = "place.state";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class DeskStore extends EventTarget {
  draft: Draft = newDraft();
  /** The figures on the page; null before the very first answer. */
  view: View | null = null;
  /** Whether `view` was computed in this visit; else its figures are old and are shown as such. */
  fresh = false;
  viewAt = "";
  /** The draft that `view` was computed from: a field's text in the view belongs to the text typed there. */
  priced: Draft | null = null;
  /** The field that had focus then: of a half-typed text the view says nothing yet. */
  pricedFocus = "";
  /** What the rule pack at hand knows: its states, its days, the desk's fields. */
  info: Info | null = null;
  phase: Phase = "booting";
  way: BootWay | "" = "";
  busy = false;
  /** A sentence when the worker is away for longer, or for good. */
  workerNote = "";
  /** On a first visit: how much of the app is stored already. */
  fetched = "";
  offline = !navigator.onLine;
  saveFault = "";
  updateReady = false;
  /** Id of the version before the last update, when it is still stored. */
  previousSet = "";
  firstRun = false;
  /** Whether what is kept here has been read; before that nothing can be typed. */
  opened = false;
  /** What could not be shown at a field. */
  refused: readonly Problem[] = [];
  announcement = "";
  wishes: GridWishes = {};
  /** … and those that the view was computed with. */
  pricedWishes: GridWishes = {};
  /** Path of the field in focus, as the worker is told. */
  focus = "";

  readonly shelf = new Shelf();
  readonly #tabs = new Tabs();
  /** The last change came from another tab: one step of undo, and whoever typed puts the texts where they belong. */
  #heard = false;
  #rpc: Rpc | null = null;
  #fit: GridFit | null = null;
  #running = false;
  #again = false;
  /** The draft when the field in focus was entered: Esc goes back to the fields that led then. */
  #entered: Draft = this.draft;
  /**
   * Questions of this deal in this state, and those of them that were open when they first came: where a question stands is
   * settled then, so that nobody is thrown out of a field by filling or emptying it.
   */
  #asked = { of: "", seen: new Set<string>(), open: new Set<string>() };
  #undo: Draft[] = [];
  #redo: Draft[] = [];
  #timers: Record<string, number> = {};

  /** What is kept on this device; called before anything else. */
  async open(): Promise<void> {
    this.shelf.onFault = (message) => {
      if (message === this.saveFault) return;
      this.saveFault = message;
      this.changed();
    };
    try {
      const kept = await this.shelf.open(this.#tabs.deal, this.draft);
      this.draft = asDraft(kept.draft);
      this.view = kept.view;
      this.viewAt = kept.viewAt;
      this.priced = kept.viewDraft && asDraft(kept.viewDraft);
      this.firstRun = kept.first;
      if (kept.wishes) this.wishes = JSON.parse(kept.wishes) as GridWishes;
      this.#tabs.keep(this.draft.id);
      this.#notice();
      this.#tabs.listen((draft) => this.#hear(draft));
    } catch (fault) {
      this.saveFault = fault instanceof Error ? fault.message : String(fault);
    }
    this.opened = true;
    this.changed();
  }

  attach(rpc: Rpc): void {
    this.#rpc = rpc;
    this.price();
    void this.#learn();
  }

  /** A refusal that names this field. */
  problemAt(path: string): Problem | undefined {
    const all = this.refused.length ? this.refused : (this.view?.errors ?? []);
    return all.find((problem) => problem.field === path);
  }

  /** How a field is written, before a view says so too. */
  known(path: string): FieldView | undefined {
    return this.view?.fields[path] ?? this.info?.fields.find((field) => field.path === path);
  }

  /** What must be answered before all figures are known, first seen open; answered ones too. */
  get needed(): Question[] {
    return (this.view?.questions ?? []).filter((question) => question.required && this.#asked.open.has(question.path));
  }

  /** Needed and not answered yet. */
  get openQuestions(): Question[] {
    return (this.view?.questions ?? []).filter((question) => question.required && !this.text(question.path)?.trim());
  }

  /** What the store would usually answer to the open questions: path to answer. */
  get usual(): [string, Usual][] {
    const state = this.text("place.state") ?? "";
    return this.openQuestions.flatMap(({ path }) => {
      const usual = usualIn(state, path);
      return usual ? [[path, usual] as [string, Usual]] : [];
    });
  }

  takeUsual(): void {
    const usual = this.usual;
    if (usual.length) this.edit(Object.fromEntries(usual.map(([path, { text }]) => [path, text])));
  }

  #notice(): void {
    if (!this.view || !this.priced) return;
    const of = `${this.priced.id} ${textAt(this.priced, "place.state")}`;
    if (this.#asked.of !== of) this.#asked = { of, seen: new Set(), open: new Set() };
    for (const { path, required } of this.view.questions) {
      if (!required || this.#asked.seen.has(path)) continue;
      this.#asked.seen.add(path);
      if (!textAt(this.priced, path)?.trim()) this.#asked.open.add(path);
    }
  }

  changed(): void {
    this.dispatchEvent(new Event("change"));
  }

  // ------------------------------------------------------------------ typing

  text(path: string): string | undefined {
    return textAt(this.draft, path);
  }

  /** A key was pressed in a field. */
  type(path: string, text: string): void {
    this.#become(withText(this.draft, path, text));
  }

  /** Esc in a field: the text that stood there before the edit, or none. */
  retract(path: string, text: string | undefined): void {
    this.#become({ ...withText(this.draft, path, text), leads: this.#entered.leads });
  }

  /** One edit that can be undone: a choice, a step, a cell taken. */
  edit(changes: Readonly<Record<string, string | undefined>>): void {
    const before = this.draft;
    let draft = before;
    for (const [path, text] of Object.entries(changes)) draft = withText(draft, path, text);
    this.remember(before);
    this.#become(draft);
  }

  add(list: ListName, fields: Record<string, string> = {}): string {
    const [draft, id] = withItem(this.draft, list, fields);
    this.remember(this.draft);
    this.#become(draft);
    return id;
  }

  /** From the one local rate to several levies; the id of the row to go on in. */
  severalLevies(): string {
    const [draft, id] = withLevies(this.draft);
    this.remember(this.draft);
    this.#become(draft);
    return id;
  }

  remove(list: ListName, id: string): void {
    this.remember(this.draft);
    this.#become(withoutItem(this.draft, list, id));
  }

  /** Begin a deal of which nothing is typed. */
  startOver(): void {
    this.remember(this.draft);
    this.view = null;
    this.fresh = false;
    this.#become(newDraft());
    // What was wished of the grid was wished for the deal before.
    this.wish({ target: "", downs: [], rates: [], months: [] });
  }

  /** An edit that began at `before` is committed: it becomes one step of undo. */
  remember(before: Draft): void {
    this.#undo.push(before);
    if (this.#undo.length > 200) this.#undo.shift();
    this.#redo = [];
  }

  undo(): boolean {
    return this.#travel(this.#undo, this.#redo);
  }

  redo(): boolean {
    return this.#travel(this.#redo, this.#undo);
  }

  #travel(from: Draft[], to: Draft[]): boolean {
    const draft = from.pop();
    if (!draft) return false;
    to.push(this.draft);
    this.#become(draft);
    return true;
  }

  #become(draft: Draft): void {
    this.draft = draft;
    this.#heard = false;
    this.#keep(draft);
    this.price();
    this.changed();
  }

  #keep(draft: Draft): void {
    void this.shelf.save(draft);
    this.#tabs.keep(draft.id);
    this.#tabs.tell(draft);
  }

  // ------------------------------------------------------------------ other tabs

  /** Another tab typed on in this deal; a text that is being typed here stays, also in the store, which that tab wrote over. */
  #hear(theirs: Draft): void {
    if (theirs.id !== this.draft.id || JSON.stringify(theirs) === JSON.stringify(this.draft)) return;
    const open = this.focus && this.focus !== STATE && textAt(this.#entered, this.focus) !== this.text(this.focus);
    const next = open ? withText(theirs, this.focus, this.text(this.focus)) : theirs;
    if (!this.#heard) this.remember(this.draft);
    this.#heard = true;
    this.draft = next;
    if (open) void this.shelf.save(next);
    else this.#entered = next;
    if (!document.hidden) this.price();
    this.changed();
  }

  /** Looked at again: whatever another tab typed while this one was put to sleep. */
  async lookAgain(): Promise<void> {
    const before = this.draft;
    const stored = await this.shelf.read(before.id);
    if (stored && this.draft === before) this.#hear(asDraft(stored));
    // Past midnight the law's date is another.
    this.price();
  }

  // ------------------------------------------------------------------ pricing

  /** Ask for a grid as large as the page has room for. */
  fitGrid(fit: GridFit): void {
    if (JSON.stringify(fit) === JSON.stringify(this.#fit)) return;
    this.#fit = fit;
    this.price();
  }

  /** What is wished of the grid: its columns, headers, a payment to meet. No part of the deal, but kept like it. */
  wish(wishes: GridWishes): void {
    this.wishes = { ...this.wishes, ...wishes };
    void this.shelf.saveWishes(JSON.stringify(this.wishes));
    this.price();
    this.changed();
  }

  setFocus(path: string): void {
    if (path === this.focus) return;
    this.focus = path;
    this.#entered = this.draft;
    this.price();
  }

  /** Compute the draft as it is now; while one is on its way only the newest waits. */
  price(): void {
    if (!this.#rpc) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.#after("busy", BUSY_AFTER, () => (this.busy = true));
    this.#after("say", SAY_AFTER, () => {
      if (this.phase === "restarting") this.workerNote = "Restarting, nothing is lost";
    });
    do {
      this.#again = false;
      await this.#once();
    } while (this.#again && this.phase !== "stopped");
    this.#running = false;
    this.#stop("busy");
    this.#stop("say");
    this.busy = false;
    if (this.phase === "ready") this.workerNote = "";
    this.changed();
  }

  async #once(): Promise<void> {
    const { draft, focus, wishes } = this;
    const call: PriceCall = { draft, asks: { today: today(), grid: this.#fit && { ...wishes, ...this.#fit }, focus } };
    try {
      const answer = await this.#rpc!.call("price", encoder.encode(JSON.stringify(call)));
      this.#show({ draft, focus, wishes }, JSON.parse(decoder.decode(answer.body)) as View | ErrorAnswer);
    } catch (fault) {
      if (fault instanceof WorkerLost) this.#again = true;
      else this.refused = [{ code: "internal", field: "", message: fault instanceof Error ? fault.message : String(fault), accepted: "" }];
    }
  }

  async #learn(): Promise<void> {
    try {
      const answer = await this.#rpc!.call("info", encoder.encode("{}"));
      const info = JSON.parse(decoder.decode(answer.body)) as Info | ErrorAnswer;
      if (!("error" in info)) this.info = info;
      this.changed();
    } catch (fault) {
      if (fault instanceof WorkerLost) void this.#learn();
    }
  }

  #show({ draft, focus, wishes }: { draft: Draft; focus: string; wishes: GridWishes }, answer: View | ErrorAnswer): void {
    // A new deal was begun meanwhile: figures of the one before are not its.
    if (draft.id !== this.draft.id) return;
    if ("error" in answer) {
      this.refused = answer.errors;
      this.changed();
      return;
    }
    this.refused = [];
    if (answer.half_typed && this.fresh && this.view) {
      // "40000-" computes nothing: the figures stay, only what is said of the fields is new.
      this.view = { ...this.view, fields: answer.fields };
      this.priced = draft;
      this.pricedFocus = focus;
      this.changed();
      return;
    }
    this.view = answer;
    this.pricedWishes = wishes;
    if (this.draft === draft && !this.#heard && Object.keys(answer.rewrites).length && !touches(this.focus, answer.rewrites)) {
      // The figures stay as they are: only the texts are put where the typing meant them.
      this.draft = draft = withRewrites(draft, answer.rewrites);
      this.#keep(draft);
    }
    this.priced = draft;
    this.pricedFocus = focus;
    this.#notice();
    this.fresh = true;
    this.viewAt = new Date().toISOString();
    this.changed();
    this.#after("announce", ANNOUNCE_AFTER, () => (this.announcement = answer.strip.announce));
    this.#after("keep", KEEP_VIEW_AFTER, () => void this.shelf.saveView(draft, answer));
  }

  // ------------------------------------------------------------------ the worker's life

  workerReady(way: BootWay): void {
    this.phase = "ready";
    this.way = way;
    this.workerNote = "";
    this.changed();
  }

  workerLost(forGood: boolean, message: string): void {
    if (forGood) {
      this.phase = "stopped";
      this.workerNote = `Computing stopped: ${message}. What is typed is saved.`;
    } else if (this.phase === "ready") {
      this.phase = "restarting";
    }
    this.changed();
  }

  #after(name: string, ms: number, act: () => void): void {
    this.#stop(name);
    this.#timers[name] = window.setTimeout(() => {
      act();
      this.changed();
    }, ms);
  }

  #stop(name: string): void {
    window.clearTimeout(this.#timers[name]);
  }
}

/** The day on the wall here, YYYY-MM-DD: in the evening UTC has another. */
export function today(now = new Date()): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export const desk = new DeskStore();

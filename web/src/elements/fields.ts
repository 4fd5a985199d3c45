/**
 * Fields. While one has focus its text is the user's: nothing is put in, nothing reformatted, the caret never moves. Every key
 * sends the text to the worker and to the device; on leaving the field shows the value written properly, or the text as
 * typed with the reason why it cannot be read.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { FieldView, Problem } from "../shapes.js";
import { type Draft, textAt } from "../desk/draft.js";
import { BLANK_FIELDS } from "../desk/blank.js";
import { icon } from "../parts/icons.js";
import { wrong } from "../parts/wrong.js";
import { DeskElement, idOf } from "./base.js";

/** Id of the one list of all states, to pick from or to type. */
export const ALL_STATES = "all-states";

export abstract class DraftField extends DeskElement {
  static override properties = {
    path: {},
    name: {},
    hinted: {},
    fallback: { attribute: false },
  };

  /** Path of the draft's text. */
  declare path: string;
  /** Accessible name where no label points here. */
  declare name: string;
  /** Id of a note that describes the field. */
  declare hinted: string;
  /** What to show of a field that the view does not list (a question's answer). */
  declare fallback: Partial<FieldView> | undefined;

  #before: { draft: Draft; text: string; typed: string | undefined } | null = null;
  /** The last text here that could be read, for Esc. */
  #good = "";
  #goodTyped: string | undefined;
  #refusal: { typed: string | undefined; problem: Problem } | null = null;
  #pressed = false;
  /** The draft's text here as this field knows it while it has focus. */
  #known: string | undefined;

  protected abstract readonly inputMode_: "decimal" | "numeric" | "text";

  get input(): HTMLInputElement {
    return this.querySelector("input")!;
  }

  protected get field(): Partial<FieldView> | undefined {
    return this.desk.view?.fields[this.path] ?? this.fallback;
  }

  /** Whether the view was computed from the text that stands here. */
  get #current(): boolean {
    const { priced, draft } = this.desk;
    return priced !== null && textAt(priced, this.path) === textAt(draft, this.path);
  }

  /** … and took it for a whole one, not for one that is still being typed. */
  get #answered(): boolean {
    return this.#current && this.desk.pricedFocus !== this.path;
  }

  get #focused(): boolean {
    return this.#before !== null;
  }

  /** Why the text that stands here is refused. It stays in sight when one comes back to mend it, until a key changes it. */
  get problem(): Problem | null {
    const typed = this.desk.text(this.path);
    if (this.#answered) {
      const problem = this.field?.error ?? this.desk.problemAt(this.path);
      this.#refusal = problem ? { typed, problem } : null;
    }
    if (this.#before && typed !== this.#before.typed) return null;
    return this.#refusal?.typed === typed ? (this.#refusal?.problem ?? null) : null;
  }

  protected override render(): TemplateResult {
    const field = this.field;
    const problem = this.problem;
    const id = idOf(this.path);
    const hint = this.#focused && this.#current ? (field?.hint ?? "") : "";
    const describedBy = [problem ? `${id}-msg` : "", this.hinted].filter(Boolean).join(" ");
    return html`<input
        class="f"
        id=${id}
        inputmode=${this.inputMode_}
        autocomplete="off"
        spellcheck="false"
        enterkeyhint="next"
        list=${this.field?.among === "states" ? ALL_STATES : nothing}
        aria-label=${this.name || nothing}
        aria-invalid=${problem ? "true" : nothing}
        aria-describedby=${describedBy || nothing}
        @pointerdown=${this.#onPointerDown}
        @pointerup=${this.#onPointerUp}
        @focus=${this.#onFocus}
        @blur=${this.#onBlur}
        @input=${this.#onInput}
        @keydown=${this.#onKey}
      />${this.adornment()}${hint && !problem ? html`<span class="sum-hint" aria-live="off">${hint}</span>` : nothing}${problem ? this.#bubble(problem, id) : nothing}`;
  }

  protected adornment(): unknown {
    return nothing;
  }

  #bubble(problem: Problem, id: string): TemplateResult {
    const back = this.#good && this.#good !== this.input?.value ? ` Esc brings ${this.#good} back.` : "";
    return wrong(problem, `${id}-msg`, back);
  }

  protected override updated(_changed: PropertyValues): void {
    const typed = this.desk.text(this.path);
    if (this.#before) {
      // Somebody else wrote here: another tab, or one press for several answers.
      if (typed !== this.#known) this.#enter((this.input.value = typed ?? ""));
      return;
    }
    const text = this.#answered || typed === undefined ? (this.field?.text ?? typed ?? "") : typed;
    if (this.input.value !== text) this.input.value = text;
    if (this.#answered && !this.problem) {
      this.#good = text;
      this.#goodTyped = typed;
    }
  }

  // A first click selects all, as focus by key does; a click in a field that has focus sets the caret.
  readonly #onPointerDown = (): void => {
    this.#pressed = !this.#focused;
  };

  readonly #onPointerUp = (event: PointerEvent): void => {
    if (this.#pressed && this.input.selectionStart === this.input.selectionEnd) {
      event.preventDefault();
      this.input.select();
    }
    this.#pressed = false;
  };

  readonly #onFocus = (): void => {
    this.#enter(this.input.value);
    this.input.select();
    this.desk.setFocus(this.path);
    this.requestUpdate();
  };

  #enter(text: string): void {
    this.#known = this.desk.text(this.path);
    this.#before = { draft: this.desk.draft, text, typed: this.#known };
  }

  readonly #onBlur = (): void => {
    const before = this.#before;
    this.#before = null;
    if (before && this.desk.text(this.path) !== before.typed) this.desk.remember(before.draft);
    this.desk.setFocus("");
    this.requestUpdate();
  };

  readonly #onInput = (): void => {
    this.#known = this.input.value;
    this.desk.type(this.path, this.input.value);
    this.requestUpdate();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      leaveTo(this.input, event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#restore();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const step = event.key === "ArrowUp" ? this.field?.step_up : this.field?.step_down;
      if (step && this.#current) {
        this.input.value = step;
        this.#onInput();
      }
    }
  };

  /** Esc: the value before focus, then the last one that could be read, then out. */
  #restore(): void {
    const before = this.#before;
    if (before && this.input.value !== before.text) return this.#put(before.text, before.typed);
    if (this.problem && this.#good) return this.#put(this.#good, this.#goodTyped);
    this.input.blur();
  }

  #put(text: string, typed: string | undefined): void {
    this.input.value = text;
    this.#known = typed;
    this.desk.retract(this.path, typed);
    this.input.select();
    this.requestUpdate();
  }
}

/** Commit and go to the next field that can be written, or the one before. */
export function leaveTo(from: HTMLElement, step: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>("input.f, select.f, .check input")].filter(
    (field) => field.checkVisibility() && !(field as HTMLInputElement).disabled,
  );
  const next = all[all.indexOf(from) + step];
  if (next) next.focus();
  else from.blur();
}

export class MoneyField extends DraftField {
  protected override readonly inputMode_ = "decimal";
}
export class PercentField extends DraftField {
  protected override readonly inputMode_ = "decimal";
  protected override adornment(): TemplateResult {
    return html`<span class="unit" aria-hidden="true">%</span>`;
  }
}
export class CountField extends DraftField {
  protected override readonly inputMode_ = "numeric";
}
export class DateField extends DraftField {
  protected override readonly inputMode_ = "text";
}
export class TextField extends DraftField {
  protected override readonly inputMode_ = "text";
}

const YES_NO = [
  { value: "yes", label: "yes" },
  { value: "no", label: "no" },
];

/** A field whose answers are picked. */
export class ChoiceField extends DeskElement {
  static override properties = { path: {}, name: {}, fallback: { attribute: false }, empty: {} };
  declare path: string;
  declare name: string;
  declare fallback: Partial<FieldView> | undefined;
  /** The words for "not picked"; absent where something is always picked. */
  declare empty: string | undefined;

  protected override render(): TemplateResult {
    const field = this.desk.view?.fields[this.path] ?? this.fallback;
    const typed = this.desk.text(this.path) ?? "";
    const id = idOf(this.path);
    const problem = field?.error ?? this.desk.problemAt(this.path) ?? null;
    const choices = field?.choices?.length ? field.choices : field?.kind === "yes_no" ? YES_NO : [];
    const known = choices.some((choice) => choice.value === typed);
    return html`<select
        class="f"
        id=${id}
        aria-label=${this.name || nothing}
        aria-invalid=${problem ? "true" : nothing}
        aria-describedby=${problem ? `${id}-msg` : nothing}
        @change=${(event: Event) => this.desk.edit({ [this.path]: (event.target as HTMLSelectElement).value || undefined })}
        @keydown=${this.#onKey}
        @focus=${() => this.desk.setFocus(this.path)}
        @blur=${() => this.desk.setFocus("")}
      >
        ${this.empty !== undefined || typed === "" ? html`<option value="" ?selected=${typed === ""}>${this.empty ?? ""}</option>` : nothing}
        ${typed !== "" && !known ? html`<option value=${typed} selected>${typed}</option>` : nothing}
        ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === typed}>${choice.label}</option>`)}
      </select>${problem ? wrong(problem, `${id}-msg`) : nothing}`;
  }

  /** Enter goes on, as in every field; Space and the arrows open and pick. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    leaveTo(event.target as HTMLElement, event.shiftKey ? -1 : 1);
  };

  protected override updated(): void {
    const select = this.querySelector("select")!;
    const typed = this.desk.text(this.path) ?? "";
    if (select.value !== typed) select.value = typed;
  }
}

customElements.define("money-field", MoneyField);
customElements.define("percent-field", PercentField);
customElements.define("count-field", CountField);
customElements.define("date-field", DateField);
customElements.define("text-field", TextField);
customElements.define("choice-field", ChoiceField);

/** "by hand" and the way back to the value from law or store. */
export function byHand(field: FieldView | undefined, restore: () => void): TemplateResult | typeof nothing {
  if (!field?.by_hand) return nothing;
  return html` <span class="hand">by hand</span>${field.stored
    ? html`<button class="undo" type="button" title="Back to ${field.stored}" aria-label="${field.label}: back to ${field.stored}" @click=${restore}>${icon("undo")}</button>`
    : nothing}`;
}

/** The element that writes a path. */
export function fieldFor(path: string, css: string, known?: Partial<FieldView>, name = ""): TemplateResult {
  const field = known ?? BLANK_FIELDS[path];
  const label = name || "";
  switch (field?.kind ?? "money") {
    case "percent":
      return html`<percent-field class=${css} path=${path} name=${label} .fallback=${field}></percent-field>`;
    case "count":
      return html`<count-field class=${css} path=${path} name=${label} .fallback=${field}></count-field>`;
    case "date":
      return html`<date-field class=${css} path=${path} name=${label} .fallback=${field}></date-field>`;
    case "choice":
    case "yes_no":
      return html`<choice-field class=${css} path=${path} name=${label} .fallback=${field}></choice-field>`;
    case "text":
      return html`<text-field class=${css} path=${path} name=${label} .fallback=${field}></text-field>`;
    default:
      return html`<money-field class=${css} path=${path} name=${label} .fallback=${field}></money-field>`;
  }
}

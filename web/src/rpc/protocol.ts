/** What the page and its worker say to each other. Bodies are JSON as bytes; their shapes are generated from pyapp. */

export type BootWay = "snapshot" | "plain";

/** How to start: `auto` restores the snapshot of this set when there is one; `plain` never does. */
export interface BootOrder {
  readonly kind: "boot";
  readonly mode: "auto" | "plain";
}

export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly method: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Cancel {
  readonly kind: "cancel";
  readonly id: number;
}

export type ToWorker = BootOrder | Call | Cancel;

export type FromWorker =
  | { readonly kind: "ready"; readonly way: BootWay; readonly why: string; readonly ms: number }
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly body: Uint8Array<ArrayBuffer>; readonly ms: number; readonly heap: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

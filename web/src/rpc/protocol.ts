/** What the page and its worker say to each other. Bodies are JSON as bytes; their shapes are generated from pyapp. */

export type BootWay = "snapshot" | "plain";

/** The end of a worker's name that makes it start plainly; else it restores the snapshot of its set when there is one. */
export const PLAIN = ":plain";

/** Say when Python is up, or that it cannot be: the worker starts by itself, perhaps before anybody listens. */
export interface Report {
  readonly kind: "report";
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

export type ToWorker = Report | Call | Cancel;

export type FromWorker =
  | { readonly kind: "ready"; readonly way: BootWay; readonly why: string; readonly ms: number }
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly body: Uint8Array<ArrayBuffer>; readonly ms: number; readonly heap: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

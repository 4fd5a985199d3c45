/** What pages and the service worker say to each other. */

export type ToServiceWorker =
  /** Which sets are there? Answered by `sets`. */
  | { type: "which" }
  /** Look whether the server has a newer set. */
  | { type: "check" }
  /** Answer the next navigation from the set that is ready. */
  | { type: "switch" }
  /** … or from the one before. */
  | { type: "back" };

export type FromServiceWorker =
  | { type: "sets"; current: string; previous: string; ready: string }
  | { type: "progress"; done: number; all: number }
  /** Whether the server answered the last look. */
  | { type: "server"; reached: boolean }
  | { type: "update-ready"; id: string }
  | { type: "update-failed"; message: string }
  | { type: "switched"; id: string };

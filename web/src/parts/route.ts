/** Two screens in one page, told apart by the address after #: Python goes on running when one goes from one to the other. */
export type Route = "desk" | "quick";
export const route = (): Route => (location.hash === "#quick" ? "quick" : "desk");

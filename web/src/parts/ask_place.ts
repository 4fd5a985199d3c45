/** A question of the place is answered where the place is picked, on whichever screen stands. */
export interface AsksPlace extends HTMLElement {
  askPlace(path: string): void;
}

export function askPlace(path: string): void {
  document.querySelector<AsksPlace>("worksheet-panel, quick-quote")?.askPlace(path);
}

/** A number and its sign stay on one line, wherever the text around them breaks. */
export const bound = (text: string): string => text.replaceAll(" %", "\u00a0%");

/** A number stays with its sign and with what it is a part of, wherever the text around them breaks. */
export const bound = (text: string): string => text.replaceAll(" %", "\u00a0%").replace(/% of (?=[\d\u2212])/g, "%\u00a0of\u00a0");

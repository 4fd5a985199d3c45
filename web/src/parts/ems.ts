/**
 * About how wide a figure is, in em of its own type: digits and signs have one width in every weight, points and commas half
 * of it. The looks make the type of a long figure as much smaller as its place needs, so that no cent is ever cut.
 */
export function ems(text: string): number {
  const small = text.replace(/[^.,]/g, "").length;
  return (text.length - small) * 0.6 + small * 0.3;
}

/** … and the widest of several; never nothing, since it divides. */
export const widest = (texts: Iterable<string>): number => Math.max(1, ...Array.from(texts, ems));

/** Measures that go by the type that the reader asked the browser for, as those of the looks do; 16 pixels is what is usual. */
const USUAL = 16;

/** A window as narrow as a phone's. */
export const PHONE: MediaQueryList = matchMedia(`(max-width: ${759 / USUAL}em)`);

/** How much larger than usual the type is. */
export const typeSize = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;

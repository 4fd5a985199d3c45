/** pyapp's shapes, generated at build (`python -m pyapp typescript`). */
export type * from "../generated/types.js";

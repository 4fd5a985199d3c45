import { html, nothing, type TemplateResult } from "lit";
import type { Mark } from "../shapes.js";
import { icon } from "./icons.js";

/** Words beside a label: how sure the law is, or what to look at. Never colour alone. */
export const marks = (all: readonly Mark[] | undefined): TemplateResult | typeof nothing =>
  all?.length ? html`${all.map((mark) => html` <law-mark level=${mark.level}>${mark.level === "look" || mark.level === "stop" ? icon("look") : mark.level === "open" ? icon("open") : nothing}${mark.text}</law-mark>`)}` : nothing;

// The editor of deal and proposal lines. Names and ids of a row's fields carry its number ("lines-3-quantity", as
// WTForms' FieldList reads them), so rows are numbered again after each change. Sums come from the server.
//   <form data-lines data-text-added data-text-removed>
//     <tbody data-lines-body> <tr data-line> … <button data-line-remove>, optional .line-grip, buttons data-line-up / data-line-down
//     <template data-line-template> one <tr data-line> with __index__ for its number </template>
//     <button type="button" data-line-add>
//     <div hx-post="…/totals" hx-trigger="lines:changed delay:250ms" hx-include="closest form" data-lines-totals>
//     <div data-line-put> fields and the button that puts a product of the catalogue among the lines; Enter there is that button
// Enter goes to the same field of the next row, and adds one after the last; Alt+arrows move the row.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { announce } from "./announce.js";

const NUMBERED = ["name", "id", "for", "aria-describedby", "aria-labelledby", "hx-target", "hx-include"];
const rowsOf = (form) => [...form.querySelectorAll("[data-lines-body] > [data-line]")];

function number(form) {
  rowsOf(form).forEach((row, index) => {
    for (const element of row.querySelectorAll("*")) {
      for (const name of NUMBERED) {
        const value = element.getAttribute(name);
        if (value === null) continue;
        const numbered = value.replace(/(\b[a-z_]+-)(\d+|__index__)(?=-)/g, `$1${index}`);
        if (numbered !== value) element.setAttribute(name, numbered);
      }
    }
  });
}

function changed(form) {
  const totals = form.querySelector("[data-lines-totals]");
  if (totals) htmx.trigger(totals, "lines:changed", {}, false);
}

function renumber(form) {
  number(form);
  changed(form);
}

function add(form) {
  const body = form.querySelector("[data-lines-body]");
  body.append(form.querySelector("[data-line-template]").content.cloneNode(true));
  number(form);
  const row = body.lastElementChild;
  htmx.process(row);
  row.querySelector("select, input:not([type=hidden]), textarea")?.focus();
  announce(form.dataset.textAdded);
  changed(form);
}

function remove(form, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("[data-line-remove]") ?? form.querySelector("[data-line-add]"))?.focus();
  announce(form.dataset.textRemoved);
  renumber(form);
}

function shift(form, row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other?.matches("[data-line]")) return;
  const focused = document.activeElement;
  if (step < 0) other.before(row);
  else other.after(row);
  focused?.focus();
  renumber(form);
}

document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("[data-lines]");
  const button = target.closest?.("button");
  if (!form || !button) return;
  const row = button.closest("[data-line]");
  if (button.matches("[data-line-add]")) add(form);
  else if (row && button.matches("[data-line-remove]")) remove(form, row);
  else if (row && button.matches("[data-line-up]")) shift(form, row, -1);
  else if (row && button.matches("[data-line-down]")) shift(form, row, 1);
});

document.addEventListener("keydown", (event) => {
  const beside = event.target.closest?.("[data-line-put]");
  if (beside && event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    beside.querySelector("button").click();
    return;
  }
  const row = event.target.closest?.("[data-line]");
  const form = row?.closest("[data-lines]");
  if (!form) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    shift(form, row, event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Enter" && event.target.matches("input, select") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const rows = rowsOf(form);
    const below = rows[rows.indexOf(row) + 1];
    const field = event.target.name.replace(/^.*-\d+-/, "");
    if (below) below.querySelector(`[name$="-${CSS.escape(field)}"]`)?.focus();
    else add(form);
  }
});

for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => {
    const form = target.closest?.("[data-lines]");
    if (form && (target.closest("[data-line]") || target.matches("[data-counts]"))) changed(form);
  });
}

function prepare(root) {
  for (const body of root.querySelectorAll?.("[data-lines-body]") ?? []) {
    if (!Sortable.get(body) && body.querySelector(".line-grip")) {
      Sortable.create(body, { handle: ".line-grip", draggable: "[data-line]", animation: 120, forceFallback: true, onEnd: () => renumber(body.closest("[data-lines]")) });
    }
  }
}
prepare(document);
htmx.onLoad(prepare);

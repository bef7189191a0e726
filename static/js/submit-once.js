// One submit at a time for each form. Buttons are marked busy and not disabled: a disabled one
// would drop its name and value from what is sent, and lose the focus.
const PATIENCE = 15_000;
const busy = new Map();

function settle(form) {
  clearTimeout(busy.get(form));
  busy.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

function begin(form, submitter) {
  submitter?.setAttribute("aria-busy", "true");
  busy.set(form, setTimeout(() => settle(form), PATIENCE));
}

document.addEventListener("submit", (event) => {
  if (!busy.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  // htmx prevents the browser's own submit and reports the end of its request; a download or a dialog leaves the page as it is.
  const { target: form, submitter } = event;
  if (form.matches("[data-download], [method=dialog], [target]") || submitter?.formTarget) return;
  if (!busy.has(form) && (!event.defaultPrevented || form._htmx)) begin(form, submitter);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.request.form) settle(ctx.request.form);
});
document.addEventListener("htmx:confirm", ({ detail }) => {
  const { dropRequest, ctx } = detail;
  detail.dropRequest = () => { if (ctx.request.form) settle(ctx.request.form); dropRequest(); };
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) [...busy.keys()].forEach(settle);
});

// Fields that the server checks while they are typed are plain hx-get with a delay, into a region beside the field.
// data-least="10" asks nothing before so many characters are there, and takes an outdated remark away.
document.addEventListener("htmx:config:request", (event) => {
  const field = event.detail.ctx.sourceElement;
  const least = Number(field?.dataset?.least ?? 0);
  if (!least || (field.value ?? "").trim().length >= least) return;
  event.preventDefault();
  const { target } = event.detail.ctx;
  if (target && target !== field && !target.contains(field)) target.replaceChildren();
});

// Fields that the server checks while they are typed are plain hx-get with a delay, into a region beside the field.
// data-least="10" asks nothing before so many characters are there, and takes an outdated remark away.
// data-largest="1048576" on a field of files takes no file of more bytes than that, data-together="…" no more of them all
// at once, and both say so before they are sent.
import { showToast } from "./toasts.js";

document.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const { largest = Infinity, together = Infinity } = target.dataset;
  const sizes = [...target.files].map(({ size }) => size);
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sizes.every((size) => size <= Number(largest)) && sum <= Number(together)) return;
  target.value = "";
  showToast(document.body.dataset.textLarge);
});

document.addEventListener("htmx:config:request", (event) => {
  const field = event.detail.ctx.sourceElement;
  const least = Number(field?.dataset?.least ?? 0);
  if (!least || (field.value ?? "").trim().length >= least) return;
  event.preventDefault();
  const { target } = event.detail.ctx;
  if (target && target !== field && !target.contains(field)) target.replaceChildren();
});

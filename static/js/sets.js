// A button with data-sets="id" and data-value writes that value into the field, as if it had been typed.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-sets]");
  const field = button && document.getElementById(button.dataset.sets);
  if (!field) return;
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

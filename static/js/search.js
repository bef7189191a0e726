// The client search of the bar as a combobox: the list comes from the server, this moves in it.
const form = document.querySelector("[data-search]");

if (form) {
  const input = form.querySelector("input");
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const options = () => [...list.querySelectorAll("a[role=option]")];
  const current = () => list.querySelector("[aria-selected=true]");

  const select = (option) => {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const show = (shown) => {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) select(null);
  };

  input.addEventListener("htmx:after:swap", () => {
    select(null);
    show(Boolean(list.childElementCount) && document.activeElement === input);
  });
  input.addEventListener("input", () => { if (!input.value.trim()) show(false); });
  input.addEventListener("htmx:config:request", (event) => { if (!input.value.trim()) event.preventDefault(); });
  input.addEventListener("focus", () => { if (input.value.trim() && list.childElementCount) show(true); });
  form.addEventListener("focusout", ({ relatedTarget }) => { if (!form.contains(relatedTarget)) show(false); });
  // Focus stays in the field while an option is pressed, or the list would close under the pointer.
  list.addEventListener("pointerdown", (event) => event.preventDefault());

  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(current());
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      select(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
    } else if (event.key === "Enter" && current() && !list.hidden) {
      event.preventDefault();
      current().click();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}

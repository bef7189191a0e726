// The matrix of clients and product families, as high as all its rows though only those near the window are in the page.
//
//   <div id="matrix" data-total="10000" data-window="16" data-offset="0" data-rows="/whitespace/rows?…">
//     <table role="grid"><thead>…</thead><tbody data-offset="0"> 16 rows </tbody></table>
//
// Rows come in windows of so many, each a tbody; one that has not come yet is an empty one as high as it will be, and what
// lies before and after is two more. Without this script the table shows one window, with links to the others.
// Keyboard: one cell of the grid can be tabbed to; arrows, Page Up and Down, Home and End walk, with Ctrl to the ends.
import { openLink } from "./dialog.js";

const box = document.getElementById("matrix");

function start() {
  const table = box.querySelector("table");
  const columns = table.tHead.rows[0].cells.length;
  const { total, size } = { total: Number(box.dataset.total), size: Number(box.dataset.window) };
  const height = table.tBodies[0].rows[0].getBoundingClientRect().height;
  const pages = new Map([[Number(box.dataset.offset) / size, { body: table.tBodies[0], came: Promise.resolve() }]]);
  const [before, after] = [space(), space()];
  let active = { row: Number(box.dataset.offset), column: 1 };
  let planned = 0;

  function space() {
    const body = document.createElement("tbody");
    body.className = "ws-space";
    body.setAttribute("role", "presentation");
    body.innerHTML = `<tr aria-hidden="true"><td colspan="${columns}"></td></tr>`;
    return body;
  }

  const stretch = (body, rows) => { body.rows[0].style.height = `${rows * height}px`; body.hidden = rows === 0; };
  const rowsOf = (page) => Math.min(size, total - page * size);
  const lastPage = Math.ceil(total / size) - 1;
  const link = (row, column) => pages.get(Math.floor(row / size))?.body.rows[row % size]?.cells[column]?.querySelector("a");

  function still(body) {
    for (const each of body.querySelectorAll("a")) each.tabIndex = -1;
  }

  function ask(page) {
    const body = space();
    body.className = "ws-waiting";
    stretch(body, rowsOf(page));
    const leaving = new AbortController();
    const entry = { body, leaving };
    entry.came = fill(page, entry, leaving.signal);
    return entry;
  }

  async function fill(page, entry, signal) {
    const address = new URL(box.dataset.rows, location.href);
    address.searchParams.set("offset", page * size);
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const holder = document.createElement("template");
      holder.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
      const came = holder.content.querySelector("tbody");
      came.dataset.offset = page * size;
      still(came);
      entry.body.replaceWith(came);
      entry.body = came;
      rove();
    } catch (error) {
      if (error.name !== "AbortError" && pages.get(page) === entry) pages.delete(page); // asked again with the next scroll
    }
  }

  /** The windows around what is seen are in the page, in order; the rest is space. */
  function show() {
    planned = 0;
    const seen = Math.ceil(box.clientHeight / height);
    const first = Math.floor(box.scrollTop / height);
    const from = Math.max(0, Math.floor((first - seen) / size));
    const to = Math.min(lastPage, Math.floor((first + 2 * seen) / size));
    for (const [page, entry] of pages) {
      if (page >= from && page <= to) continue;
      if (entry.body.contains(document.activeElement)) box.focus({ preventScroll: true });
      entry.leaving?.abort();
      entry.body.remove();
      pages.delete(page);
    }
    let place = before;
    for (let page = from; page <= to; page += 1) {
      if (!pages.has(page)) pages.set(page, ask(page));
      const { body } = pages.get(page);
      if (place.nextElementSibling !== body) place.after(body);
      place = body;
    }
    stretch(before, from * size);
    stretch(after, Math.max(0, total - (to + 1) * size));
    rove();
  }

  /** One cell can be tabbed to: where the person was, or the first that is seen. */
  function rove() {
    const there = link(active.row, active.column) ?? link(Math.min(total - 1, Math.ceil(box.scrollTop / height)), active.column);
    if (!there || there.tabIndex === 0) return;
    for (const each of table.querySelectorAll('a[tabindex="0"]')) each.tabIndex = -1;
    there.tabIndex = 0;
  }

  async function go(row, column) {
    active = { row: Math.max(0, Math.min(total - 1, row)), column: Math.max(0, Math.min(columns - 1, column)) };
    const wanted = active;
    const top = active.row * height;
    const room = box.clientHeight - table.tHead.offsetHeight - height;
    if (top < box.scrollTop || top > box.scrollTop + room) {
      box.scrollTop = top < box.scrollTop ? top : top - room;
      show();
    }
    await pages.get(Math.floor(active.row / size))?.came;
    if (wanted !== active) return;
    rove();
    const there = link(active.row, active.column);
    there?.focus({ preventScroll: true });
    there?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const leap = () => Math.max(1, Math.floor(box.clientHeight / height) - 2);
  const STEPS = {
    ArrowUp: ({ row, column }) => [row - 1, column],
    ArrowDown: ({ row, column }) => [row + 1, column],
    ArrowLeft: ({ row, column }) => [row, column - 1],
    ArrowRight: ({ row, column }) => [row, column + 1],
    PageUp: ({ row, column }) => [row - leap(), column],
    PageDown: ({ row, column }) => [row + leap(), column],
    Home: ({ row, column }, far) => (far ? [0, column] : [row, 0]),
    End: ({ row, column }, far) => (far ? [total - 1, column] : [row, columns - 1]),
  };

  box.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.metaKey || (event.ctrlKey && event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    go(...step(active, event.ctrlKey));
  });

  box.addEventListener("focusin", ({ target }) => {
    const cell = target.closest("th, td");
    const body = cell?.closest("tbody[data-offset]");
    if (!body) return;
    active = { row: Number(body.dataset.offset) + cell.parentElement.sectionRowIndex, column: cell.cellIndex };
    rove();
  });

  box.addEventListener("click", (event) => {
    const opened = event.target.closest("td a");
    if (!opened || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openLink(opened);
  });

  box.addEventListener("scroll", () => { planned ||= requestAnimationFrame(show); }, { passive: true });
  new ResizeObserver(() => { planned ||= requestAnimationFrame(show); }).observe(box);

  // What was changed in the dialog over a cell stands in its row: that window is asked for again.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement?.closest?.("[data-matrix-row]");
    if (!form || ctx.response?.status >= 300) return;
    const entry = pages.get(Math.floor(active.row / size));
    entry.came = fill(Math.floor(active.row / size), entry);
    entry.came.then(() => { if (!document.querySelector("dialog[open]")) go(active.row, active.column); });
  });

  still(table.tBodies[0]);
  table.tHead.after(before);
  table.append(after);
  box.dataset.runs = "";
  box.tabIndex = -1;
  const from = active.row * height;
  show();
  if (from) box.scrollTop = from;
}

if (box && box.clientHeight) start();

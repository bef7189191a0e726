// The chart of what clients pay a hunter, drawn from the table below it, which says the same in figures.
//   <figure class="earnings" data-earnings data-currency> <canvas role="img" aria-label>; the table is [data-earnings-of="<currency>"]
//     in it, the newest month first: head cells [data-month], rows [data-client] and cells [data-minor], one row [data-paying] with cells [data-count]
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);

const TONES = ["--accent", "--dept-sales", "--dept-client", "--dept-vip", "--good", "--warn", "--line-strong"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();

/** What a custom property is in the scheme that is shown now. */
function colour(element, name) {
  element.style.color = `var(${name})`;
  const found = getComputedStyle(element).color;
  element.style.color = "";
  return found;
}

const figures = (row, name) => [...row.querySelectorAll(`[data-${name}]`)].map((cell) => Number(cell.dataset[name])).reverse();

function read(table) {
  return {
    months: [...table.querySelectorAll("[data-month]")].map((cell) => cell.dataset.month).reverse(),
    rows: [...table.querySelectorAll("[data-client]")].map((row) => ({ name: row.dataset.client, sums: figures(row, "minor") })),
    paying: figures(table.querySelector("[data-paying]"), "count"),
    label: table.querySelector("[data-paying]").dataset.paying,
    others: table.dataset.others,
  };
}

/** The first clients by themselves, all others as one. */
function stacks({ rows, others }) {
  const most = TONES.length - 1;
  const shown = rows.length > most + 1 ? rows.slice(0, most) : rows.slice(0, most + 1);
  const rest = rows.slice(shown.length);
  if (rest.length) shown.push({ name: others, sums: rest[0].sums.map((_, month) => rest.reduce((sum, row) => sum + row.sums[month], 0)) });
  return shown;
}

function draw(figure) {
  const canvas = figure.querySelector("canvas");
  const { currency } = figure.dataset;
  const data = read(document.querySelector(`[data-earnings-of="${currency}"]`));
  const language = document.documentElement.lang;
  const money = (minor, notation) => new Intl.NumberFormat(language, { style: "currency", currency, notation, maximumFractionDigits: notation === "compact" ? 1 : 2 }).format(minor / 100);
  const ink = colour(canvas, "--ink-2");
  const line = colour(canvas, "--line");
  const surface = colour(canvas, "--surface");
  drawn.get(figure)?.destroy();
  const bars = stacks(data).map(({ name, sums }, index) => ({
    label: name,
    data: sums,
    backgroundColor: colour(canvas, TONES[index]),
    borderColor: surface,
    borderWidth: 1,
    maxBarThickness: 44,
    stack: "sums",
    yAxisID: "y",
    order: 2,
  }));
  const clients = { type: "line", label: data.label, data: data.paying, borderColor: colour(canvas, "--ink"), backgroundColor: colour(canvas, "--ink"), borderWidth: 2, pointRadius: 3, yAxisID: "clients", order: 1 };
  const axis = { grid: { color: line }, border: { color: line }, ticks: { color: ink } };
  drawn.set(figure, new Chart(canvas, {
    type: "bar",
    data: { labels: data.months, datasets: [clients, ...bars] },
    options: {
      animation: calm.matches ? false : { duration: 500 },
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { ...axis, stacked: true, grid: { display: false } },
        y: { ...axis, stacked: true, ticks: { ...axis.ticks, maxTicksLimit: 6, callback: (minor) => money(minor, "compact") } },
        clients: { ...axis, position: "right", beginAtZero: true, grid: { display: false }, ticks: { ...axis.ticks, precision: 0, maxTicksLimit: 6 } },
      },
      plugins: {
        legend: { position: "bottom", labels: { color: ink, boxWidth: 12 } },
        tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${dataset.yAxisID === "clients" ? raw : money(raw)}` } },
      },
    },
  }));
}

const drawAll = () => document.querySelectorAll("[data-earnings]").forEach(draw);

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

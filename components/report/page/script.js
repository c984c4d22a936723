"use strict";
const labelFilter = document.getElementById("label");
const sliceFilter = document.getElementById("slice");
const root = document.documentElement;

function dark() {
  const chosen = root.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function look() {
  const css = name => getComputedStyle(root).getPropertyValue(name).trim();
  const [ink, soft, line] = [css("--ink"), css("--soft"), css("--line")];
  return {
    background: null, font: "system-ui, sans-serif",
    axis: { labelColor: soft, titleColor: ink, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, labelLimit: 260 },
    legend: { labelColor: ink, titleColor: ink, labelFontSize: 12 }, title: { color: ink, anchor: "start" }, view: { stroke: null },
    rule: { color: soft },
    range: { category: dark() ? ["#7ab7ff", "#ffb454", "#7ee2a8", "#ff8fa3", "#c9a7ff", "#9da7b1"] : ["#0b57d0", "#b35900", "#0a7d43", "#b3123a", "#6b3fb5", "#57606a"] },
  };
}

function fits(row) {
  const slice = sliceFilter.value.trim().toLowerCase();
  return (!labelFilter.value || row.label === undefined || row.label === labelFilter.value)
    && (!slice || row.slice === undefined || row.slice.toLowerCase().includes(slice));
}

async function draw() {
  const config = look();
  for (const place of document.querySelectorAll("[data-chart]")) {
    const { spec, columns, texts, values } = CHARTS[place.dataset.chart];
    const rows = values.map(row => Object.fromEntries(columns.map((column, at) => [column, texts[at].length ? texts[at][row[at]] ?? null : row[at]])));
    const shown = rows.filter(fits);
    if (!shown.length) { place.textContent = `${place.getAttribute("aria-label")}: no row fits the filter.`; continue; }
    const drawn = { ...structuredClone(spec), datasets: { ...spec.datasets, rows: shown }, config };
    const view = await vegaEmbed(place, drawn, { actions: false, renderer: "svg" });
    place.vegaView = view.view;
    for (const svg of place.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
  }
  document.body.dataset.drawn = String(Number(document.body.dataset.drawn || 0) + 1);
}

function filterTables() {
  let shown = 0, all = 0;
  const slice = sliceFilter.value.trim().toLowerCase();
  for (const table of document.querySelectorAll("table")) {
    const headings = [...table.querySelectorAll("th")].map(cell => cell.textContent);
    const sliceAt = headings.indexOf("slice");
    for (const row of table.tBodies[0].rows) {
      const label = row.dataset.label;
      const hide = (labelFilter.value && label !== undefined && label !== labelFilter.value)
        || (slice && sliceAt >= 0 && !row.cells[sliceAt].textContent.toLowerCase().includes(slice));
      row.hidden = Boolean(hide);
      if (label !== undefined) { all += 1; shown += hide ? 0 : 1; }
    }
  }
  document.getElementById("shown").textContent = `${shown} of ${all} rows of the tables`;
  document.getElementById("printed").textContent = `Shown: ${labelFilter.value ? `the label ${labelFilter.value}` : "all labels"}`
    + `${slice ? `, slices with "${slice}"` : ""}.`;
}

function sortBy(button) {
  const heading = button.parentElement, table = heading.closest("table");
  const place = [...heading.parentElement.children].indexOf(heading);
  const down = heading.getAttribute("aria-sort") === "descending" || heading.classList.contains("text") && heading.getAttribute("aria-sort") === "none"
    ? 1 : -1;
  const text = heading.classList.contains("text");
  const value = row => row.cells[place].dataset.value ?? row.cells[place].textContent;
  const rows = [...table.tBodies[0].rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (!text && (left === "" || right === "")) return (left === "") - (right === "");  // missing values last
    return down * (text ? left.localeCompare(right, "en", { numeric: true }) : left - right);
  });
  for (const other of heading.parentElement.children) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
  table.tBodies[0].append(...rows);
}

let waiting;
function refresh() { clearTimeout(waiting); waiting = setTimeout(() => { filterTables(); draw(); }, 120); }
labelFilter.addEventListener("change", refresh);
sliceFilter.addEventListener("input", refresh);
document.getElementById("theme").addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; draw(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => sortBy(button));
addEventListener("beforeprint", () => {
  root.dataset.theme = "light";
  for (const details of document.querySelectorAll("details")) details.open = true;
});
filterTables();
draw();

"use strict";
// Draws the figures, and lets one choice of segment, period and kind of survey serve the page.
(() => {
  const { page, charts } = JSON.parse(document.getElementById("embedded").textContent);
  const { marks, words } = page;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Numbers and dates, as writing.py writes them.
  function digits(number, places, signed) {
    let text = Math.abs(number).toFixed(places);
    const exact = (Math.round(Math.abs(number) * 10 ** places * (1 + 1e-15)) / 10 ** places).toFixed(places);
    if (Math.abs(number) < 1e15 && Number.isInteger(Math.abs(number) * 10 ** places * 2)) text = exact;
    let [whole, part] = text.split(".");
    whole = whole.replace(/\B(?=(\d{3})+$)/g, marks.group);
    const written = part ? whole + marks.decimal + part : whole;
    if (Number(text) === 0) return written;
    return (number < 0 ? "−" : signed ? "+" : "") + written;
  }
  function amount(number, size, step, places) {
    const written = digits(number / size, places);
    const symbol = marks.symbol.length > 1 && marks.money.startsWith("{sign}{symbol}") ? marks.symbol + " " : marks.symbol;
    return fill(marks.money, {
      sign: written.startsWith("−") ? "−" : "", symbol, step, number: written.replace("−", ""),
    });
  }
  function money(number) {
    const steps = [[1e9, marks.steps[2]], [1e6, marks.steps[1]], [1e3, marks.steps[0]]];
    const [size, step] = steps.find(([s]) => Math.abs(number) >= s) || [1, ""];
    return amount(number, size, step, size === 1 || Math.abs(number / size) >= 100 ? 0 : 1);
  }
  function date(iso, kind) {
    const [year, month, day] = String(iso).slice(0, 10).split("-").map(Number);
    if (kind === "year") return String(year);
    if (kind === "quarter") return fill(marks.quarter, { year, quarter: Math.floor((month + 2) / 3) });
    if (kind === "month") return marks.months[month - 1] + " " + year;
    return fill(marks.day, { day, month: marks.months[month - 1], year });
  }
  function write(value, kind) {
    if (value === null || value === undefined || Number.isNaN(value)) return marks.none;
    switch (kind) {
      case "day": case "month": case "quarter": case "year": return date(value, kind);
      case "flag": return value ? words.yes : words.no;
      case "text": case "label": return String(value);
      case "count": return digits(value, 0);
      case "score": return digits(value, Math.abs(value) >= 10 ? 0 : 1);
      case "points": return digits(value, 1, true);
      case "step": case "number": return digits(value, 1);
      case "share": case "shift": {
        const percent = 100 * value, size = Math.abs(percent);
        return digits(percent, size === 0 ? 0 : size < 1 ? 2 : size < 20 ? 1 : 0, kind === "shift") + marks.percent;
      }
      case "ratio": return digits(value, Math.abs(value) >= 1 ? 1 : 2) + " ×";
      case "cents": return amount(value, 1, "", 2);
      default: return money(value);
    }
  }
  const interval = (low, high, kind) => fill(words.interval, { lower: write(low, kind), upper: write(high, kind) });
  vega.expressionFunction("write", (value, kind) => {
    if (kind === "cents") return money(value);
    if (kind === "points" || kind === "score") return digits(value, Number.isInteger(value) ? 0 : 1);
    if (kind === "share" && Math.abs(value) >= 0.01) return digits(100 * value, Number.isInteger(Math.round(1e6 * value) / 1e4) ? 0 : 1) + marks.percent;
    return write(value, kind);
  });

  // One choice.
  const chosen = { segment: 0, period: 0, kind: 0 };
  const part = {
    segment: (n) => page.segments[n].join("\x1f"),
    period: (n) => page.periods[n].join("\x1f"),
    kind: (n) => page.kinds[n].join("\x1f"),
    survey: (n) => page.kinds[n][0],
  };
  function find(figure) {
    const segments = figure.follows.includes("segment") && chosen.segment ? [chosen.segment, 0] : [chosen.segment];
    const periods = [chosen.period, ...page.periods.keys()];
    for (const segment of segments) {
      for (const period of figure.follows.includes("period") ? periods : [0]) {
        const numbers = { segment, period, kind: chosen.kind, survey: chosen.kind };
        const name = figure.follows.map((one) => part[one](numbers[one])).join("\x1e");
        if (figure.views[name]) return { view: figure.views[name], segment, period, name };
      }
    }
    return null;
  }
  function scope(figure, found) {
    const said = [];
    if (found && figure.follows.includes("segment")) {
      if (found.segment !== chosen.segment) said.push(words.not_cut);
      else if (chosen.segment) said.push(page.labels.segments[found.segment]);
    } else if (chosen.segment && !figure.follows.includes("segment")) said.push(words.not_cut);
    if (found && figure.follows.includes("period")) said.push(page.labels.periods[found.period]);
    return said.join(" · ");
  }
  function query(figure, found) {
    const columns = {
      segment: ["segment_dimension", "segment_value"], period: ["period_grain", "period_start"],
      kind: ["survey_kind", "score_scale"], survey: ["survey_kind"],
    };
    const parts = found ? found.name.split("\x1e") : [];
    const conditions = figure.follows.map((name, n) => (parts[n] || "").split("\x1f").map((value, k) =>
      value ? ` and ${columns[name][k]} = '${value.replace(/'/g, "''")}'` : "").join("")).join("");
    return figure.sql[0] + conditions + figure.sql[1];
  }

  // Rows for the charts: by what a column is for.
  function asObjects(figure, rows) {
    const measure = figure.columns.find((column) => column[2] === "value");
    const kind = measure ? measure[1] : "number";
    return rows.map((row) => {
      const one = {};
      figure.columns.forEach(([name, type, role], n) => {
        one[name] = row[n];
        if (role) { one[role] = row[n]; one[role + "_text"] = write(row[n], type); }
        if (role === "x" && ["quarter", "year", "month"].includes(type)) one.x = Date.parse(row[n] + "T00:00:00Z");
      });
      one.text = write(one.value, kind);
      const name = one.label !== undefined ? one.label_text : one.x_text;
      const bounds = one.lower === null || one.lower === undefined ? "" : ` (${interval(one.lower, one.upper, kind)})`;
      one.tip = `${name}: ${one.text}${bounds}`;
      return one;
    });
  }
  const told = (row) => row.is_reportable !== false && row.value !== null && row.value !== undefined;
  const number = (n) => String(n).padStart(3, "0");
  const shapes = {
    trend: (rows) => withLast(rows.filter(told)),
    target: (rows) => withLast(rows.filter(told)).map((row) => ({ ...row,
      path_text: fill(words.path_to, { target: write(row.target, "score") }) })),
    months: (rows) => withLast(rows.filter(told)),
    forest(rows) {
      const shown = [];
      let group;
      for (const row of rows.filter(told)) {
        if (row.group !== undefined && row.group !== group) {
          group = row.group;
          shown.push({ row: `${number(shown.length)} #${row.group_text}`, value: null });
        }
        shown.push({ ...row, row: `${number(shown.length)}  ${row.label}` });
      }
      return shown;
    },
    stack: (rows) => rows.filter((row) => row.is_reportable !== false && row.responses).flatMap((row) =>
      [["promoters", "promoter"], ["passives", "passive"], ["detractors", "detractor"]].map(([name, tone], order) => ({
        x_text: row.x_text, tone, order, share: row[name] / row.responses,
        text: write(row[name] / row.responses, "share"),
        tip: `${row.x_text}, ${words[name]}: ${write(row[name], "count")} (${write(row[name] / row.responses, "share")})`,
      }))),
    waterfall(rows) {
      const known = rows.filter(told);
      if (!known.length) return [];
      let level = known[0].before;
      const bars = [{ label: write(known[0].previous_start, "month"), start: 0, end: level, tone: "figure", text: write(level, "score") }];
      for (const row of known) {
        const sure = row.lower > 0 || row.upper < 0;
        bars.push({ ...row, start: level, end: level + row.value, tone: !sure ? "neutral" : row.value > 0 ? "gain" : "loss" });
        level += row.value;
      }
      bars.push({ label: "=", start: 0, end: known[0].after, tone: "figure", text: write(known[0].after, "score") });
      return bars.map((bar) => ({ ...bar, top: Math.max(bar.start, bar.end), tip: bar.tip || `${bar.label}: ${bar.text}` }));
    },
    scatter: (rows) => rows.filter(told),
    tiles: (rows) => {
      const most = Math.max(...rows.filter((row) => told(row) && row.significant).map((row) => Math.abs(row.value)), 0);
      return rows.map((row) => ({ ...row, row: `${number(row.order)} ${row.row}`,
        tone: row.value > 0 ? "loss" : "gain", alpha: told(row) && row.significant ? 0.15 + 0.4 * Math.abs(row.value) / most : 0,
        text: !told(row) ? "" : row.significant ? write(-row.value, "points") : "·",
        tip: `${row.row}, ${row.column}: ${told(row) ? write(-row.value, "points") + ` (${interval(-row.upper, -row.lower, "points")})` : words.few}` }));
    },
    risk: (rows) => rows.filter((row) => told(row) && row.group !== "category").map((row) => {
      const score = Number(row.label);
      return { ...row, tone: Number.isNaN(score) ? "figure" : score <= 6 ? "loss" : score <= 8 ? "neutral" : "gain" };
    }),
    survival(rows) {
      const known = rows.filter(told);
      return known.map((row, n) => ({ ...row, last: n === known.length - 1 || known[n + 1].label !== row.label }));
    },
    cohorts: (rows) => rows.filter(told).map((row) => ({ ...row, row: `${row.cohort.slice(0, 7).replace("-", "")}`.slice(2) + row.row_text,
      tip: `${row.row_text}, ${row.x}: ${row.text}`, alpha: Math.min(1, Math.max(0.04, (row.value - 0.4) / 0.8)) })),
    ledger: (rows) => rows.map((row) => ({ ...row, tone: Math.abs(row.difference || 0) >= 0.005 ? "loss" : "figure",
      tip: `${row.x_text}: ${write(row.value, "cents")} (${write(row.difference, "cents")})` })),
  };
  shapes.scenarios = shapes.forest;
  function withLast(rows) { return rows.map((row, n) => ({ ...row, last: n === rows.length - 1 })); }

  // A drawing.
  const drawn = new Map();
  function draw(key, figure, found) {
    const place = document.querySelector(`#f-${key} .plot`);
    if (!place) return;
    if (drawn.has(key)) { drawn.get(key).finalize(); drawn.delete(key); }
    place.replaceChildren();
    const rows = found ? shapes[figure.chart](asObjects(figure, found.view.r)) : [];
    if (!rows.length) return;
    const measure = figure.columns.find((column) => column[2] === "value");
    const name = figure.chart === "scenarios" ? "forest" : figure.chart;
    const kind = figure.chart === "waterfall" || figure.chart === "target" ? "score" : measure && figure.chart !== "stack" ? measure[1] : "share";
    let text = JSON.stringify(charts[name]).replaceAll("KIND", `'${kind}'`);
    const spec = JSON.parse(text);
    const zero = figure.options.zero || rows.some((row) => row.lower < 0 && row.upper > 0 && kind !== "score");
    spec.datasets = { rows, zero: zero ? [{ zero: 0 }] : [] };
    if (name === "forest" && figure.options.domain) {
      for (const layer of spec.layer) if (layer.encoding && layer.encoding.x && layer.encoding.x.scale) layer.encoding.x.scale = { domain: figure.options.domain };
    } else if (name === "trend" && figure.options.zero) {
      for (const layer of spec.layer) if (layer.encoding.y && layer.encoding.y.scale) layer.encoding.y.scale = { zero: true };
    }
    const compiled = vegaLite.compile(spec, { logger: quiet }).spec;
    const view = new vega.View(vega.parse(compiled, null, { ast: true }), {
      expr: pointworthInterpreter, renderer: "svg", container: place, logger: quiet, hover: false,
    });
    drawn.set(key, view);
    return view.runAsync();
  }
  const quiet = vega.logger(vega.Error);

  function show(key, figure) {
    const found = find(figure);
    const card = document.getElementById("f-" + key);
    const [first, rest] = found ? found.view.a : [words.no_rows, ""];
    const answer = card.querySelector(".answer");
    const bold = document.createElement("b");
    bold.textContent = first;
    answer.replaceChildren(bold, rest ? "; " + rest : "");
    const place = card.querySelector(".plot");
    if (place) place.setAttribute("aria-label", first);
    const said = card.querySelector(".scope"), text = scope(figure, found);
    said.textContent = text;
    said.hidden = !text;
    const evidence = card.querySelector(".evidence"), level = found ? found.view.e : "";
    evidence.className = "evidence " + level;
    evidence.textContent = level ? words[level] : "";
    evidence.hidden = !level;
    fillTable(card, figure, found ? found.view.r : []);
    card.querySelector("pre code").textContent = query(figure, found);
    return found;
  }
  function fillTable(card, figure, rows) {
    const at = figure.columns.findIndex((column) => column[0] === "is_reportable");
    const body = card.querySelector("tbody");
    body.replaceChildren(...rows.slice(0, page.mostRows).map((row) => {
      const line = document.createElement("tr");
      figure.columns.forEach(([, kind, , shown], n) => {
        if (!shown) return;
        const cell = document.createElement("td");
        if (kind !== "text" && kind !== "label") cell.className = "n";
        const few = row[n] === null && at >= 0 && row[at] === false && !page.notEstimated.includes(kind);
        cell.textContent = few ? words.few : write(row[n], kind);
        line.append(cell);
      });
      return line;
    }));
    card.querySelector(".cut").textContent = rows.length > page.mostRows
      ? fill(words.cut_table, { shown: page.mostRows, all: write(rows.length, "count") }) : "";
  }
  function slide() {
    const slider = document.getElementById("points");
    if (!slider) return;
    const figure = page.figures.scenarios, found = find(figure);
    const one = found && asObjects(figure, found.view.r).filter(told).find((row) => row.points === 1);
    const points = Number(slider.value);
    document.getElementById("points-say").textContent = one ? fill(words.slider_says, {
      points: write(points, "count"), money: write(points * one.value, "money"),
      interval: interval(points * one.lower, points * one.upper, "money") }) : "";
  }

  let turn = 0;
  async function refresh(first) {
    const mine = ++turn;
    document.documentElement.removeAttribute("data-drawn");
    if (!first) {
      const head = page.heads[part.segment(chosen.segment) + "\x1e" + part.kind(chosen.kind)];
      // The only markup among the data: written by headline.py, every text of the data escaped.
      document.getElementById("value").innerHTML = head || "";
    }
    for (const [key, figure] of Object.entries(page.figures)) {
      const found = first ? find(figure) : show(key, figure);
      if (first) { const said = scope(figure, found), place = document.querySelector(`#f-${key} .scope`); place.textContent = said; place.hidden = !said; }
      if (figure.chart) await draw(key, figure, found);
      if (mine !== turn) return;
    }
    slide();
    document.documentElement.setAttribute("data-drawn", String(drawn.size));
  }
  for (const name of ["segment", "period", "kind"]) {
    const select = document.getElementById("choose-" + name);
    select.value = "0";
    select.hidden = select.options.length < 2;
    select.addEventListener("change", () => { chosen[name] = Number(select.value); refresh(false); });
  }
  const slider = document.getElementById("points");
  if (slider) slider.addEventListener("input", slide);

  const root = document.documentElement;
  const kept = (() => { try { return sessionStorage; } catch { return null; } })();
  if (kept && kept.getItem("theme")) root.dataset.theme = kept.getItem("theme");
  document.getElementById("theme").addEventListener("click", () => {
    const isDark = getComputedStyle(root).colorScheme === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
    if (kept) kept.setItem("theme", root.dataset.theme);
  });
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => drawn.forEach((view) => view.resize().runAsync()), 120); });
  addEventListener("hashchange", open);
  function open() {
    const place = location.hash.startsWith("#def-") && document.getElementById(location.hash.slice(1));
    if (place) place.open = true;
  }
  open();
  refresh(true);
})();

// The map: what the controls ask for is put into the sources of the figure. Names reach the page as text alone.
"use strict";
(() => {
const element = (id) => document.getElementById(id);
const data = JSON.parse(element("data").textContent);
const { ground, schools, scenes, colours, layers, inks, words } = data;
const units = ground.units;
const figures = new Intl.NumberFormat(data.locale === "zh" ? "zh-CN" : "en-GB");
const state = { scene: 0, stage: data.stages[0][0], view: "planned", layer: layers[0].key, picked: null };
const UNITS_NAMED = 120, LABEL_HEIGHT = 17, LONGEST = 24, EASY_PX = 11, PALE = "#F2F2F2", WAY = "#5B6B7B", FAINT = "#D2D2D2", MOVE = "#B9C2CA", HEAD = "#6E7C89";
let plot, sources, view, perPixel = null;

// ---- shapes

function unroll(steps) {
  const x = [], y = [];
  for (let k = 0, atX = 0, atY = 0; k < steps.length; k += 2) {
    x.push(atX += steps[k]);
    y.push(atY += steps[k + 1]);
  }
  return { x, y };
}

const shapes = units.shape.map((parts) => parts.map((rings) => rings.map(unroll)));
const at = unroll(units.at);
const bridges = unroll(ground.crossings);
const borders = ground.borders.map(([one, other, steps]) => ({ one, other, ...unroll(steps) }));
const boxes = shapes.map((parts, unit) => boxOf(parts.length ? parts.map((rings) => rings[0]) : [{ x: [at.x[unit]], y: [at.y[unit]] }]));

function boxOf(lines) {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const { x, y } of lines)
    for (let k = 0; k < x.length; k++) {
      box.west = Math.min(box.west, x[k]); box.east = Math.max(box.east, x[k]);
      box.south = Math.min(box.south, y[k]); box.north = Math.max(box.north, y[k]);
    }
  return box;
}

const join = (boxed) => boxOf(boxed.map(({ west, east, south, north }) => ({ x: [west, east], y: [south, north] })));
const lines = (drawn) => ({ xs: drawn.map((line) => line.x), ys: drawn.map((line) => line.y) });
const closed = (ring) => ({ x: [...ring.x, ring.x[0]], y: [...ring.y, ring.y[0]] });
const outlines = (chosen) => lines(chosen.flatMap((unit) => shapes[unit].flat().map(closed)));
const polygons = (chosen) => ({
  xs: chosen.map((unit) => shapes[unit].map((rings) => rings.map((ring) => ring.x))),
  ys: chosen.map((unit) => shapes[unit].map((rings) => rings.map((ring) => ring.y))),
});
const points = (chosen) => ({ x: chosen.map((unit) => at.x[unit]), y: chosen.map((unit) => at.y[unit]) });
const solid = [...shapes.keys()].filter((unit) => shapes[unit].length);
const bare = [...shapes.keys()].filter((unit) => !shapes[unit].length);
const site = (school) => ({ x: schools.at[school][0], y: schools.at[school][1] });

function holds(ring, x, y) {
  let inside = false;
  for (let k = 0, before = ring.x.length - 1; k < ring.x.length; before = k++)
    if (ring.y[k] > y !== ring.y[before] > y &&
        x < (ring.x[before] - ring.x[k]) * (y - ring.y[k]) / (ring.y[before] - ring.y[k]) + ring.x[k]) inside = !inside;
  return inside;
}

// ---- what is shown

const scene = () => scenes[state.scene];
const stage = () => scene().stages[state.stage];
const layer = () => layers.find((each) => each.key === state.layer);
const stageName = () => data.stages.find(([key]) => key === state.stage)[1];
const told = () => stage().layers[state.layer];
const is_offered = (key) => key === "catchments" || stage().layers[key] !== undefined || (stage()[key] || []).length > 0;

/** Which catchments are shown: today's only for layers that have figures of today. */
const shownView = () => has_today() ? state.view : "planned";
const has_today = () => Boolean(stage().today && (state.layer === "catchments" || told()?.classes_today));
const held = () => stage()[shownView() === "today" ? "today" : "school"];
/** Which schools are overfull: in the year of the layer, where it has one of its own. */
const is_overfull = (k) => told()?.overfull ? told().overfull.includes(stage().sites.school[k]) : stage().sites.overfull[k] === 1;
const classes = () => (shownView() === "today" && told()?.classes_today) || told()?.classes || [];
const texts = () => (shownView() === "today" && told()?.texts_today) || told()?.texts || [];

function fillOf(unit, school) {
  const { fill, legend } = layer();
  if (fill === "none") return PALE;
  if (state.layer === "catchments") return school < 0 ? inks.none : colours[state.stage][school];
  const number = classes()[fill === "unit" ? unit : school];
  return number === undefined || number < 0 ? inks.none : legend[number][0];
}

function paint() {
  keepOffered();
  const schoolOf = held(), now = stage(), flat = layer().lines !== "";
  const fills = schoolOf.map((school, unit) => fillOf(unit, school));
  const most = Math.max(1, ...now.children);
  put("land", { ...polygons(solid), fill: solid.map((unit) => fills[unit]) });
  put("dots", { ...points(bare), fill: bare.map((unit) => fills[unit]), size: bare.map((unit) => 4 + 12 * Math.sqrt(now.children[unit] / most)) });
  put("rims", lines(borders.filter(({ one, other }) => other < 0 || schoolOf[one] !== schoolOf[other])));
  const changed = flat ? [] : now.changed;
  const dots = changed.filter((unit) => !shapes[unit].length);
  put("hatch", polygons(changed.filter((unit) => shapes[unit].length)));
  put("ringed", { ...points(dots), size: dots.map(() => 20) });
  put("far_rims", outlines(now.far));
  paintWays(now);
  paintSites(now);
  paintPicked();
  element("headline").textContent = scene().line;
  const shown = [stageName(), layer().title, has_today() ? words.controls[shownView()] : ""];
  element("shown").textContent = shown.filter(Boolean).join(" · ");
  for (const input of document.getElementsByName("view")) input.checked = input.value === shownView();
  element("views").disabled = !has_today();
  writeLegend(now, changed, dots.length > 0);
  writeSchools(now);
  nameSoon();
}

const put = (name, columns) => { sources[name].data = columns; };

function paintWays(now) {
  const flows = layer().lines === "flows", list = layer().lines ? now[layer().lines] : [], step = flows ? 4 : 3;
  const ways = [];
  for (let k = 0; k < list.length; k += step) {
    const to = site(list[k + 1]), from = flows ? { x: at.x[list[k]], y: at.y[list[k]] } : site(list[k]);
    const touches = is_picked("school", list[k + 1]) || is_picked(flows ? "unit" : "school", list[k]);
    ways.push({ from, to, count: list[k + 2], outside: flows && list[k + 3] === 1, faint: state.picked && !touches, touches });
  }
  const height = (way) => (way.faint ? 0 : 2) + way.outside;
  ways.sort((one, other) => height(one) - height(other) || one.count - other.count);
  const most = Math.max(1, ...ways.map((way) => way.count));
  put("ways", {
    x0: ways.map((way) => way.from.x), y0: ways.map((way) => way.from.y),
    x1: ways.map((way) => way.to.x), y1: ways.map((way) => way.to.y),
    fill: ways.map((way) => way.faint ? FAINT : way.outside ? inks.overfull : flows || way.touches ? WAY : MOVE),
    size: ways.map((way) => way.faint ? 0.6 : flows ? 0.7 + 2.8 * Math.sqrt(way.count / most) : Math.min(1 + way.count, 8)),
  });
  const arrows = flows ? [] : ways.filter((way) => !way.faint);
  put("heads", {
    x: arrows.map(({ from, to }) => from.x + 0.62 * (to.x - from.x)),
    y: arrows.map(({ from, to }) => from.y + 0.62 * (to.y - from.y)),
    size: arrows.map((way) => 13 + Math.min(way.count, 8)),
    fill: arrows.map((way) => way.touches ? inks.ink : HEAD),
    angle: arrows.map(({ from, to }) => Math.atan2(to.y - from.y, to.x - from.x) - Math.PI / 2),
  });
}

const is_picked = (kind, row) => state.picked !== null && state.picked.kind === kind && state.picked.row === row;

function paintSites({ sites }) {
  const idle = (k) => sites.idle[k] === 1 && !sites.students[k];
  const pick = (k, full, empty, usual) => is_overfull(k) ? full : idle(k) ? empty : usual;
  const order = [...sites.school.keys()].sort((one, other) => is_overfull(one) - is_overfull(other));
  put("schools", {
    x: order.map((k) => site(sites.school[k]).x), y: order.map((k) => site(sites.school[k]).y),
    fill: order.map((k) => pick(k, inks.overfull, inks.paper, inks.ink)),
    line: order.map((k) => pick(k, inks.paper, "#777777", inks.paper)),
    size: order.map((k) => pick(k, 19, 8, 10)),
    marker: order.map((k) => pick(k, "triangle", "circle", "circle")),
  });
}

function paintPicked() {
  const { kind, row } = state.picked || {}, schoolOf = held();
  const inside = (unit) => unit >= 0 && schoolOf[unit] === row;
  put("picked", kind === "unit" ? outlines([row]) : kind === "school"
    ? lines(borders.filter(({ one, other }) => inside(one) !== inside(other))) : { xs: [], ys: [] });
  const marked = kind === "school" ? [site(row)] : kind === "unit" && !shapes[row].length ? [{ x: at.x[row], y: at.y[row] }] : [];
  put("target", { x: marked.map(({ x }) => x), y: marked.map(({ y }) => y) });
}

// ---- names on the map, the most important first, none over another

const pen = document.createElement("canvas").getContext("2d");
pen.font = "12px " + getComputedStyle(document.body).fontFamily;
const shorten = (text) => text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
const widths = new Map();
function widthOf(text) {
  if (!widths.has(text)) widths.set(text, pen.measureText(text).width + 4);
  return widths.get(text);
}

let naming = 0;
function nameSoon() {
  clearTimeout(naming);
  naming = setTimeout(nameAll, 60);
}

/** Units beyond the service radius are marked where the map is of distances, and nowhere else. */
const beyondShown = (now) => state.layer === "distance" ? now.beyond : [];

/** Marks of far units are as large as there is room for. */
function markFar() {
  const room = Math.min(1, Math.sqrt(ground.size[0] * ground.size[1] / units.id.length) / scaleNow() / 24), now = stage();
  const sized = (chosen, least, most) => ({ ...points(chosen), size: chosen.map(() => Math.max(least, most * room)) });
  put("far", sized(now.far, 7, 13));
  put("beyond", sized(beyondShown(now), 2.5, 5));
}

function nameAll() {
  markFar();
  const { x_range: across, y_range: up } = plot, wide = plot.inner_width, high = plot.inner_height;
  const toX = (x) => (x - across.start) / (across.end - across.start) * wide;
  const toY = (y) => high - (y - up.start) / (up.end - up.start) * high;
  const in_sight = (x, y) => x >= across.start && x <= across.end && y >= up.start && y <= up.end;
  const { sites } = stage();
  const order = [...sites.school.keys()].filter((k) => !sites.idle[k] || sites.students[k])
    .sort((one, other) => is_overfull(other) - is_overfull(one) || sites.students[other] - sites.students[one]);
  const wanted = order.map((k) => ({ ...site(sites.school[k]), text: shorten(schools.name[sites.school[k]]), line: is_overfull(k) ? inks.overfull : inks.ink }));
  const seen = [...units.id.keys()].filter((unit) => in_sight(at.x[unit], at.y[unit]));
  if (seen.length <= UNITS_NAMED)
    wanted.push(...seen.filter((unit) => units.name[unit]).map((unit) => ({ x: at.x[unit], y: at.y[unit], text: shorten(units.name[unit]), line: "#666666" })));
  const taken = wanted.slice(0, order.length).map(({ x, y }) => ({ west: toX(x) - 6, east: toX(x) + 6, top: toY(y) - 6, foot: toY(y) + 6 }));
  for (let k = 0; k < bridges.x.length; k++)
    taken.push({ west: toX(bridges.x[k]) - 7, east: toX(bridges.x[k]) + 7, top: toY(bridges.y[k]) - 7, foot: toY(bridges.y[k]) + 7 });
  const named = [], scale = scaleNow();
  const is_free = (box, own) => box.west >= 0 && box.east <= wide && box.top >= 0 && box.foot <= high && !taken.some((other, number) =>
    number !== own && box.west < other.east && other.west < box.east && box.top < other.foot && other.top < box.foot);
  wanted.forEach((label, k) => {
    if (!in_sight(label.x, label.y)) return;
    const half = widthOf(label.text) / 2, x = toX(label.x), y = toY(label.y);
    for (const [aside, down] of [[0, -8], [0, 8 + LABEL_HEIGHT], [half + 9, LABEL_HEIGHT / 2], [-half - 9, LABEL_HEIGHT / 2]]) {
      const box = { west: x + aside - half, east: x + aside + half, top: y + down - LABEL_HEIGHT, foot: y + down };
      if (!is_free(box, k)) continue;
      taken.push(box);
      named.push({ ...label, x: label.x + aside * scale, y: label.y - down * scale });
      return;
    }
  });
  put("labels", { x: named.map(({ x }) => x), y: named.map(({ y }) => y), text: named.map(({ text }) => text), line: named.map(({ line }) => line) });
}

// ---- looking: pan, zoom, the whole district

function look(middleX, middleY, metresAPixel) {
  perPixel = metresAPixel;
  const halfX = plot.inner_width * metresAPixel / 2, halfY = plot.inner_height * metresAPixel / 2;
  plot.x_range.setv({ start: middleX - halfX, end: middleX + halfX });
  plot.y_range.setv({ start: middleY - halfY, end: middleY + halfY });
}
function fit({ west, south, east, north }, room = 1.08) {
  const scale = Math.max((east - west) / plot.inner_width, (north - south) / plot.inner_height, 0.05);
  look((west + east) / 2, (south + north) / 2, scale * room);
}
const middle = () => [(plot.x_range.start + plot.x_range.end) / 2, (plot.y_range.start + plot.y_range.end) / 2];
const scaleNow = () => (plot.x_range.end - plot.x_range.start) / plot.inner_width;
const zoom = (factor) => look(...middle(), scaleNow() * factor);
function pan(stepX, stepY) {
  const [x, y] = middle(), scale = scaleNow();
  look(x + stepX * scale, y + stepY * scale, scale);
}
const everything = () => join([{ west: 0, south: 0, east: ground.size[0], north: ground.size[1] },
  ...schools.at.map(([x, y]) => ({ west: x, east: x, south: y, north: y }))]);
const whole = () => fit(everything());

// ---- pointing and choosing

/** The school whose sign is near a point, else the unit that holds it. */
function find(x, y) {
  const reach = EASY_PX * scaleNow();
  let best = null, nearest = reach;
  for (const school of stage().sites.school) {
    const away = Math.hypot(site(school).x - x, site(school).y - y);
    if (away <= nearest) [best, nearest] = [{ kind: "school", row: school }, away];
  }
  if (best) return best;
  for (const unit of solid) {
    const box = boxes[unit];
    if (x < box.west || x > box.east || y < box.south || y > box.north) continue;
    if (shapes[unit].some((rings) => rings.filter((ring) => holds(ring, x, y)).length % 2 === 1)) return { kind: "unit", row: unit };
  }
  for (const unit of bare) {
    const away = Math.hypot(at.x[unit] - x, at.y[unit] - y);
    if (away <= nearest) [best, nearest] = [{ kind: "unit", row: unit }, away];
  }
  return best;
}

const metres = (value) => value === undefined || value < 0 ? words.plain.dash : `${figures.format(value)} ${words.plain.metre}`;
const schoolName = (row) => row === undefined || row < 0 ? words.plain.none : schools.name[row];
const unitName = (row) => units.name[row] || units.id[row];
const with_id = (name, id) => name === id ? name : data.locale === "zh" ? `${name}（${id}）` : `${name} (${id})`;

function describeUnit(row, now) {
  const told = [[words.unit.children, figures.format(now.children[row])]];
  if (now.zoned && now.zoned[row] !== now.children[row]) told.push([words.unit.zoned, figures.format(now.zoned[row])]);
  told.push([words.unit.school, schoolName(now.school[row]), now.school[row]]);
  if (now.shared[row]) told.push([words.unit.shared, now.shared[row].map(schoolName).join(" · ")]);
  const changes = now.changed.includes(row);
  if (changes) told.push([words.unit.today, schoolName(now.today?.[row]), now.today?.[row]]);
  told.push([words.unit.metres, metres(now.metres[row])]);
  if (changes) told.push([words.unit.metres_today, metres(now.metres_today[row])], [words.unit.reason, now.reasons[row]]);
  return told;
}
function marksOf(row, now) {
  return [now.changed.includes(row) && words.unit.changes, now.far.includes(row) && `◆ ${words.unit.far}`, now.beyond.includes(row) && words.unit.beyond].filter(Boolean);
}

function tipOf({ kind, row }) {
  const now = stage(), line = ([label, value]) => `${label}${words.plain.colon}${value}`;
  const value = texts()[layer().fill === kind ? row : -1], of_layer = value ? [`${layer().title}${words.plain.colon}${value}`] : [];
  if (kind === "unit") return [units.name[row] || `${words.unit.kind} ${units.id[row]}`, ...describeUnit(row, now).map(line), ...marksOf(row, now), ...of_layer].join("\n");
  const facts = scene().panels[row]?.facts || [];
  return [schools.name[row], ...facts.slice(0, 5).map(line), ...of_layer].join("\n");
}

function point(x, y, pixelX, pixelY) {
  const found = find(x, y), tip = element("tip");
  tip.hidden = !found;
  if (!found) return;
  tip.textContent = tipOf(found);
  const room = element("map");
  tip.style.left = `${Math.max(0, Math.min(pixelX + 14, room.clientWidth - tip.offsetWidth - 4))}px`;
  tip.style.top = `${Math.max(0, pixelY + 14 + tip.offsetHeight > room.clientHeight ? pixelY - tip.offsetHeight - 8 : pixelY + 14)}px`;
}

function choose(picked, { show = false, focus = false } = {}) {
  state.picked = picked;
  paintPicked();
  if (layer().lines) paintWays(stage());
  writePanel();
  if (!picked) return;
  if (show) fit(areaOf(picked), 1.5);
  if (focus) element("panel-title").focus();
}

function areaOf({ kind, row }) {
  const room = Math.max(...ground.size) / 40, here = kind === "school" ? site(row) : null;
  const own = kind === "school" ? [...units.id.keys()].filter((unit) => stage().school[unit] === row).map((unit) => boxes[unit]) : [boxes[row]];
  const points = here ? [{ west: here.x, east: here.x, south: here.y, north: here.y }] : [];
  const { west, south, east, north } = join([...own, ...points]);
  return { west: west - room, south: south - room, east: east + room, north: north + room };
}

// ---- words beside the map

function make(tag, text = "", look = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (look) made.className = look;
  return made;
}
function link(text, act) {
  const button = make("button", text, "link");
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

function listFacts(facts) {
  const list = make("dl");
  for (const [label, value, school] of facts) {
    const cell = make("dd");
    if (school >= 0) cell.append(link(value, () => choose({ kind: "school", row: school }, { show: true, focus: true })));
    else cell.textContent = value;
    list.append(make("dt", label), cell);
  }
  return list;
}

function writeTable({ title, heads, rows }) {
  const table = make("table"), head = make("tr");
  head.append(...heads.map((text) => Object.assign(make("th", text), { scope: "col" })));
  table.append(head, ...rows.map((cells) => {
    const row = make("tr");
    row.append(...cells.map((text) => make("td", text)));
    return row;
  }));
  return [make("h3", title), table];
}

function writePanel() {
  const { kind, row } = state.picked || {}, body = element("panel-body");
  element("panel").hidden = !state.picked;
  if (!state.picked) return;
  element("panel").dataset.kind = kind;
  if (kind === "unit") {
    element("panel-title").textContent = `${words.unit.kind}${words.plain.colon}${with_id(unitName(row), units.id[row])}`;
    body.replaceChildren(...data.stages.flatMap(([key, name]) => {
      const now = scene().stages[key], marks = make("p", marksOf(row, now).join(" · "), "alarm");
      return [make("h3", name), listFacts(describeUnit(row, now)), marks];
    }));
    return;
  }
  element("panel-title").textContent = `${words.school.kind}${words.plain.colon}${with_id(schools.name[row], schools.id[row])}`;
  const panel = scene().panels[row] || { facts: [], tables: [], notes: [] };
  body.replaceChildren(listFacts(panel.facts), ...panel.notes.flatMap(([title, sentences]) => {
    const list = make("ul");
    list.append(...sentences.map((sentence) => make("li", sentence)));
    return [make("h3", title), list];
  }), ...panel.tables.flatMap(writeTable));
}

function writeLegend(now, changed, dotted) {
  const list = element("legend"), { legend } = layer();
  const entry = (sign, text) => {
    const item = make("li");
    item.append(sign, make("span", text));
    return item;
  };
  const swatch = (fill) => { const made = make("span", "", "sign swatch"); made.style.background = fill; return made; };
  const stroke = (fill, width) => { const made = make("span", "", "sign stroke"); made.style.borderTop = `${width}px solid ${fill}`; return made; };
  const sign = (text, fill, size = 15) => { const made = make("span", text, "sign"); made.style.color = fill; made.style.fontSize = `${size}px`; return made; };
  const count = (text, number) => `${text} (${figures.format(number)})`;
  const entries = legend.map(([fill, text]) => entry(swatch(fill), text));
  if (legend.length && classes().some((number) => number < 0)) entries.push(entry(swatch(inks.none), words.legend.no_data));
  if (layer().lines === "flows") entries.push(entry(stroke(WAY, 2), words.legend.flow));
  if (layer().lines === "flows" && now.flows.some((flag, k) => k % 4 === 3 && flag)) entries.push(entry(stroke(inks.overfull, 3), words.legend.coordinated));
  if (layer().lines === "flows") entries.push(entry(sign("", inks.ink), words.legend.wide));
  if (layer().lines === "moves") entries.push(entry(sign("➤", WAY), words.legend.moves), entry(sign("", inks.ink), words.legend.wide_moves));
  const { sites } = now, overfull = [...sites.school.keys()].filter(is_overfull).length;
  const idle = sites.idle.filter((flag, k) => flag && !sites.students[k]).length;
  entries.push(entry(sign("●", inks.ink), words.legend.school));
  if (overfull) entries.push(entry(sign("▲", inks.overfull), count(told()?.overfull_means || words.legend.overfull, overfull)));
  if (idle) entries.push(entry(sign("○", "#777777"), count(words.legend.idle, idle)));
  if (changed.length) entries.push(entry(dotted ? sign("◯", inks.ink) : make("span", "", "sign hatched"), count(dotted ? words.legend.changed_dots : words.legend.changed, changed.length)));
  if (now.far.length) entries.push(entry(sign("◈", inks.overfull, 18), count(now.far_means, now.far.length)));
  const beyond = beyondShown(now).length;
  if (beyond) entries.push(entry(sign("◇", inks.ink, 12), count(now.beyond_means, beyond)));
  if (borders.length) entries.push(entry(stroke(inks.ink, 1.5), words.legend.rim));
  if (ground.barriers.length) entries.push(entry(stroke(inks.barrier, 4), words.legend.barrier));
  if (ground.crossings.length) entries.push(entry(sign("□", inks.barrier), words.legend.crossing));
  list.replaceChildren(...entries);
  element("about").textContent = told()?.about || layer().about;
}

const sorted = { column: -1, down: false };
function writeSchools({ sites }) {
  const rows = sites.school.map((school, k) => [schools.name[school], sites.students[k], sites.per_mille[k], school]);
  if (sorted.column >= 0) {
    const key = sorted.column, sign = sorted.down ? -1 : 1;
    rows.sort((one, other) => sign * (key ? one[key] - other[key] : one[0].localeCompare(other[0], data.locale)));
  }
  const head = make("tr");
  [words.school.name, words.school.students, words.school.utilisation].forEach((text, column) => {
    const cell = Object.assign(make("th"), { scope: "col" }), button = make("button", text);
    button.type = "button";
    button.title = words.school.sort;
    button.addEventListener("click", () => {
      Object.assign(sorted, { column, down: sorted.column === column && !sorted.down });
      writeSchools(stage());
    });
    if (sorted.column === column) cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    cell.append(button);
    head.append(cell);
  });
  element("schools").replaceChildren(head, ...rows.map(([name, students, share, school]) => {
    const row = make("tr"), cell = make("td");
    cell.append(link(name, () => choose({ kind: "school", row: school }, { show: true })));
    row.append(cell, make("td", figures.format(students)), make("td", share < 0 ? words.plain.dash : `${(share / 10).toFixed(1)} %${share > 1000 ? " ▲" : ""}`));
    return row;
  }));
}

// ---- controls

function option(value, text) {
  const made = make("option", text);
  made.value = value;
  return made;
}
function keepOffered() {
  for (const each of element("layer").querySelectorAll("option")) each.disabled = !is_offered(each.value);
  if (!is_offered(state.layer)) state.layer = "catchments";
  element("layer").value = state.layer;
}
function fillControls() {
  element("scenario").append(...scenes.map(({ name }, k) => option(k, name)));
  element("stage").append(...data.stages.map(([key, name]) => option(key, name)));
  const groups = new Map();
  for (const { key, group, title } of layers) {
    if (!groups.has(group)) groups.set(group, Object.assign(document.createElement("optgroup"), { label: group }));
    groups.get(group).append(option(key, title));
  }
  element("layer").append(...groups.values());
  element("names").append(...Object.keys(known()).map((label) => option(label, "")));
}

let labels = null;
function known() {
  if (labels) return labels;
  labels = {};
  schools.id.forEach((id, row) => { labels[with_id(schools.name[row], id)] ??= { kind: "school", row }; });
  units.id.forEach((id, row) => { labels[with_id(unitName(row), id)] ??= { kind: "unit", row }; });
  return labels;
}
function search(text) {
  const sought = text.trim().toLowerCase();
  if (!sought) return;
  const list = Object.entries(known());
  const id = ({ kind, row }) => (kind === "school" ? schools : units).id[row].toLowerCase();
  const name = ({ kind, row }) => (kind === "school" ? schools.name[row] : unitName(row)).toLowerCase();
  const found = list.find(([label]) => label.toLowerCase() === sought) || list.find(([, each]) => id(each) === sought) ||
    list.find(([, each]) => name(each) === sought) || list.find(([label]) => label.toLowerCase().includes(sought));
  element("said").textContent = found ? `${words.said.found}${words.plain.colon}${found[0]}` : `${words.said.not_found}${words.plain.colon}${text}`;
  if (!found) return;
  if (found[1].kind === "school") showStageOf(found[1].row);
  choose(found[1], { show: true, focus: true });
}
function showStageOf(school) {
  const teaches = ([key]) => scene().stages[key].sites.school.includes(school);
  if (teaches([state.stage]) || !data.stages.some(teaches)) return;
  element("stage").value = state.stage = data.stages.find(teaches)[0];
  paint();
}

function listen() {
  element("scenario").addEventListener("change", ({ target }) => { state.scene = Number(target.value); paint(); writePanel(); });
  element("stage").addEventListener("change", ({ target }) => { state.stage = target.value; paint(); });
  element("layer").addEventListener("change", ({ target }) => { state.layer = target.value; paint(); });
  for (const input of document.getElementsByName("view")) input.addEventListener("change", () => { state.view = input.value; paint(); });
  element("controls").addEventListener("submit", (event) => { event.preventDefault(); search(element("search").value); });
  element("search").addEventListener("change", ({ target }) => { if (known()[target.value]) search(target.value); });
  element("nearer").addEventListener("click", () => zoom(1 / 1.5));
  element("farther").addEventListener("click", () => zoom(1.5));
  element("whole").addEventListener("click", whole);
  element("close").addEventListener("click", () => { choose(null); element("map").focus(); });
  element("print").addEventListener("click", () => window.print());
  element("map").addEventListener("keydown", (event) => {
    const act = { ArrowLeft: [pan, -60, 0], ArrowRight: [pan, 60, 0], ArrowUp: [pan, 0, 60], ArrowDown: [pan, 0, -60],
      "+": [zoom, 1 / 1.5], "=": [zoom, 1 / 1.5], "-": [zoom, 1.5], 0: [whole], Escape: [choose, null] }[event.key];
    if (!act || event.target !== element("map")) return;
    event.preventDefault();
    act[0](...act.slice(1));
  });
  plot.on_event("mousemove", ({ x, y, sx, sy }) => point(x, y, sx, sy));
  plot.on_event("mouseleave", () => { element("tip").hidden = true; });
  plot.on_event("tap", ({ x, y }) => choose(find(x, y)));
  plot.x_range.change.connect(nameSoon);
  for (const side of ["inner_width", "inner_height"]) plot.properties[side].change.connect(() => {
    if (perPixel === null) whole(); else look(...middle(), perPixel);
  });
  plot.x_range.properties.end.change.connect(() => { perPixel = scaleNow(); });
  window.addEventListener("beforeprint", () => {
    const drawn = view.export("auto", true).canvas, paper = element("paper");
    Object.assign(paper, { width: drawn.width, height: drawn.height });
    paper.getContext("2d").drawImage(drawn, 0, 0);
  });
}

async function start() {
  Bokeh.set_log_level("error");
  const shown = await Bokeh.embed.embed_item(JSON.parse(element("figure").textContent), element("plot"));
  plot = Bokeh.documents[0].get_model_by_name("map");
  view = shown.get_one(plot);
  sources = Object.fromEntries(plot.renderers.map(({ name, data_source }) => [name, data_source]));
  put("mesh", lines(borders));
  put("barriers", lines(ground.barriers.map(unroll)));
  put("crossings", bridges);
  fillControls();
  listen();
  whole();
  paint();
  nameAll();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.ready = Math.round(performance.now());
  }));
}
start();
})();

// A bar for each interval of every series in an answer; pale where not all members reported.
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const HEIGHT = 100;
const MOST_BARS = 1500;

export function drawCharts(place, data) {
  const found = [];
  collect(data, "", found);
  place.replaceChildren(...found.slice(0, 3).map(([path, series]) => figure(path, series)));
}

function collect(value, path, found) {
  if (!value || typeof value !== "object") return;
  const { times, values } = value;
  if (Array.isArray(times) && Array.isArray(values) && times.length && values.some((v) => v !== null)) {
    found.push([path, value]);
    return;
  }
  for (const [key, inner] of Object.entries(value)) collect(inner, path ? `${path}.${key}` : key, found);
}

function figure(path, series) {
  const values = series.values.slice(0, MOST_BARS);
  const most = Math.max(...values.map((value) => value ?? 0), 0) || 1;
  const [factor, unit] = scale(most, series.unit ?? "");
  const total = series.times.length;
  const caption = document.createElement("figcaption");
  caption.textContent = `${path}: ${total} intervals, at most ${(most / factor).toPrecision(3)} ${unit}`;
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": caption.textContent });
  const step = WIDTH / values.length;
  const top = 6;
  const ground = HEIGHT - 1;
  values.forEach((value, i) => {
    if (value === null) return;
    const height = Math.max(1, ((ground - top) * Math.max(value, 0)) / most);
    const whole = series.coverage ? series.coverage[i] >= 1 : true;
    const bar = make("rect", { x: i * step + step * 0.1, y: ground - height, width: step * 0.8, height, class: whole ? "bar-full" : "bar-part" });
    const title = make("title");
    title.textContent = `${series.times[i]}  ${(value / factor).toPrecision(4)} ${unit}`;
    bar.append(title);
    svg.append(bar);
  });
  svg.append(make("line", { x1: 0, x2: WIDTH, y1: ground, y2: ground, class: "ground" }));
  const box = document.createElement("figure");
  box.append(caption, svg);
  const ends = document.createElement("div");
  ends.className = "ends quiet";
  for (const time of [series.times[0], series.times[values.length - 1]]) {
    const end = document.createElement("span");
    end.textContent = new Date(time).toLocaleString();
    ends.append(end);
  }
  box.append(ends);
  return box;
}

function scale(most, unit) {
  if (!/^(Wh|W|var|VA|V|B)$/.test(unit)) return [1, unit];
  if (most >= 1e6) return [1e6, `M${unit}`];
  return most >= 1e3 ? [1e3, `k${unit}`] : [1, unit];
}

function make(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// A growth as a picture: lines on two logarithmic axes, whiskers from the least to the most, an SVG that is legible on
// light and on dark pages. Drawn by ECharts without any DOM.
import { digits } from './format.mjs';

const light = { page: '#ffffff', ink: '#24292f', faint: '#57606a', grid: '#d8dee4' };
const dark = { page: '#0d1117', ink: '#e6edf3', faint: '#9198a1', grid: '#30363d' };
const lightLines = ['#0969da', '#bc4c00', '#1a7f37'];
const darkLines = ['#58a6ff', '#f0883e', '#56d364'];
const symbols = ['circle', 'rect', 'triangle'];
/** The same side looks the same in every picture. */
const lookOf = name => ({ manycore: 0, CPython: 1 })[name] ?? 2;
/** Without quotation marks: they end the attribute in which ECharts writes it. */
const font = 'system-ui, sans-serif';

/** @returns {Promise<string>} the SVG's text @throws when ECharts is not installed */
export async function draw({ title, x, y, lines }, note = '') {
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 420 });
  chart.setOption(optionOf({ title, x, y, note, lines: lines.filter(({ points }) => points.length > 0) }));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return withDarkColours(svg).replace(/^(<svg[^>]*>)/, `$1\n<title>${escaped(title)}</title>`);
}

const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function optionOf({ title, x, y, note, lines }) {
  const figures = lines.flatMap(({ points }) => points.flatMap(({ least, most }) => [least, most]));
  return {
    animation: false,
    backgroundColor: light.page,
    textStyle: { fontFamily: font, color: light.ink },
    title: {
      ...{ text: title, subtext: note, left: 16, top: 10 },
      textStyle: { color: light.ink, fontSize: 16, fontWeight: 600 },
      subtextStyle: { color: light.faint, fontSize: 12 },
    },
    grid: { left: 70, right: 140, top: 84, bottom: 56 },
    xAxis: { ...axis(x, 34), ...exactly(lines.flatMap(line => line.points.map(point => point.x))) },
    yAxis: { ...axis(y, 48), ...range(figures) },
    series: lines.flatMap(line => {
      const look = lookOf(line.name);
      return [whiskers(line, lightLines[look]), curve(line, lightLines[look], symbols[look])];
    }),
  };
}

const axis = (name, nameGap) => ({
  ...{ type: 'log', name, nameLocation: 'middle', nameGap },
  nameTextStyle: { color: light.ink, fontSize: 13 },
  axisLine: { show: true, lineStyle: { color: light.faint } },
  axisTick: { show: false },
  axisLabel: { color: light.faint, fontSize: 12, formatter: shortly },
  splitLine: { lineStyle: { color: light.grid } },
});

/** From the first to the last, with a line at each power of two where they are such. */
function exactly(figures) {
  const logBase = figures.every(value => Number.isInteger(Math.log2(value))) ? 2 : 10;
  return { min: Math.min(...figures), max: Math.max(...figures), logBase };
}

/** Whole powers of ten around what is drawn. */
function range(figures) {
  const positive = figures.filter(value => value > 0);
  const [low, high] = [Math.log10(Math.min(...positive)), Math.log10(Math.max(...positive))];
  const [from, to] = [Math.floor(low + 1e-9), Math.ceil(high - 1e-9)];
  return { min: 10 ** from, max: 10 ** Math.max(to, from + 1) };
}

const shortly = value => (value >= 1000 ? value.toLocaleString('en') : String(Number(value.toPrecision(3))));

const curve = ({ name, points }, color, symbol) => ({
  ...{ type: 'line', name, symbol, symbolSize: 8, data: points.map(point => [point.x, point.median]) },
  lineStyle: { color, width: 2.5 },
  itemStyle: { color },
  emphasis: { disabled: true },
  silent: true,
  endLabel: {
    ...{ show: true, color, fontSize: 13, fontWeight: 600, distance: 10 },
    formatter: ({ value }) => `${name} ${digits(value[1])}`,
  },
  labelLayout: { moveOverlap: 'shiftY' },
});

const whiskers = ({ points }, color) => ({
  type: 'custom',
  silent: true,
  data: points.map(({ x, least, most }) => [x, least, most]),
  renderItem(_, api) {
    const [from, to] = [1, 2].map(i => api.coord([api.value(0), api.value(i)]));
    return {
      type: 'line',
      shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
      style: { stroke: color, lineWidth: 1.5, opacity: 0.6 },
    };
  },
});

/** What is drawn is the light picture, for viewers that know no style sheets; a rule a colour makes the dark one of it. */
function withDarkColours(svg) {
  const pairs = [
    ...Object.keys(light).map(name => [light[name], dark[name]]),
    ...lightLines.map((color, i) => [color, darkLines[i]]),
  ];
  const rules = pairs.flatMap(([from, to]) => [`[fill="${from}"]{fill:${to}}`, `[stroke="${from}"]{stroke:${to}}`]);
  return svg.replace(/^(<svg[^>]*>)/, `$1\n<style>@media (prefers-color-scheme: dark){${rules.join('')}}</style>`);
}

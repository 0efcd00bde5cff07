/* SPDX-License-Identifier: Apache-2.0 */
// Curves over steps.
import { axis, axisText, colour, draw, narrow, short, stepAxis, tooltip, whole } from './theme.js';

const COLOURS = ['one', 'two', 'three', 'four', 'five'];

function line(name, rows, figure, colourName, extra = {}) {
  const data = [];
  for (const row of rows) {
    const value = figure(row);
    if (value !== undefined) data.push([row.step, value]);
  }
  return {
    name, type: 'line', data, showSymbol: data.length < 3, symbolSize: 6,
    lineStyle: { width: 2, color: colour(colourName) }, itemStyle: { color: colour(colourName) },
    emphasis: { disabled: true }, ...extra,
  };
}

/** The same of the run that is compared with, dashed. */
function beside(name, source, figure, colourName) {
  if (!source) return [];
  const thin = { lineStyle: { width: 1.5, type: [5, 4], color: colour(colourName), opacity: 0.8 }, showSymbol: false };
  return [line(`${name}, ${source.run}`, source.rows, figure, colourName, thin)];
}

function curves(id, series, y, empty, marks = {}) {
  const filled = series.filter((s) => s.data.length);
  if (!filled.length) {
    draw(id, null, empty);
    return;
  }
  draw(id, {
    grid: { left: 6, right: 14, top: filled.length > 1 ? 30 : 12, bottom: 4, containLabel: true },
    legend: filled.length > 1
      ? { type: 'scroll', top: 0, left: 0, itemWidth: 18, itemHeight: 8, textStyle: axisText(), pageTextStyle: axisText() }
      : undefined,
    tooltip: tooltip({
      trigger: 'axis',
      formatter: (points) => 'step ' + whole(points[0].value[0]) + points
        .map((p) => `<br>${p.marker}${escape(p.seriesName)}: <b>${short(p.value[1])}</b>` + (p.value[2] ? ` (${escape(p.value[2])})` : ''))
        .join(''),
    }),
    xAxis: stepAxis(),
    yAxis: axis({ splitNumber: narrow() ? 3 : 4, ...y }),
    series: filled,
    ...marks,
  });
}

/** Names come from logs, and logs from anywhere. */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Triangles at the foot of the chart where codes were replaced. */
function replaced(source) {
  const data = [];
  let before = 0;
  for (const row of source.rows) {
    const count = row.replaced - before;
    if (count > 0) data.push([row.step, 0, `${count} codes replaced`]);
    before = row.replaced;
  }
  return {
    name: 'replaced', type: 'scatter', data, symbol: 'triangle', symbolSize: 8, z: 5,
    itemStyle: { color: colour('two') }, large: data.length > 2000,
  };
}

export function drawCurves(source, other) {
  const rows = source.rows;
  const all = {
    name: 'codes', silent: true, symbol: 'none', label: { show: false },
    lineStyle: { color: colour('soft'), type: 'dotted' }, data: [{ yAxis: source.codes }],
  };
  const most = Math.max(source.codes || 1, other ? other.codes || 1 : 1);
  const perplexity = line('perplexity', rows, (r) => r.perplexity, 'one', { markLine: all, areaStyle: { color: colour('one'), opacity: 0.08 } });
  curves(
    'perplexity',
    [perplexity, ...beside('perplexity', other, (r) => r.perplexity, 'three'), replaced(source)],
    { min: 0, max: most, interval: most / 4, axisLabel: { ...axisText(), formatter: (v) => short(Math.round(10 * v) / 10) } },
    'No snapshot yet',
  );
  const percent = { axisLabel: { ...axisText(), formatter: (v) => Math.round(100 * v) + ' %' } };
  curves(
    'usage',
    [
      line('in use', rows, (r) => r.usage, 'one', { areaStyle: { color: colour('one'), opacity: 0.08 } }),
      line('top code', rows, (r) => r.topShare, 'two'),
      ...beside('in use', other, (r) => r.usage, 'three'),
    ],
    { min: 0, max: 1, interval: 0.25, ...percent },
    'No snapshot yet',
  );
  const terms = [...new Set(rows.slice(-1).concat(rows.slice(0, 1)).flatMap((r) => Object.keys(r.losses)))].sort();
  curves(
    'losses',
    terms.flatMap((term, i) => [
      line(term, rows, (r) => r.losses[term], COLOURS[i % COLOURS.length]),
      ...beside(term, other, (r) => r.losses[term], COLOURS[i % COLOURS.length]),
    ]),
    logarithmic(rows, terms),
    'No loss was recorded',
  );
  curves(
    'spacing',
    [
      line('median', rows, (r) => r.spacingMedian, 'one'),
      line('least', rows, (r) => r.spacingMin, 'two'),
      ...beside('median', other, (r) => r.spacingMedian, 'three'),
    ],
    { min: 0 },
    'The codebook was not recorded, or has too many codes to compare every two',
  );
  curves(
    'norms',
    [
      line('largest norm', rows, (r) => r.normMax, 'four'),
      line('median norm', rows, (r) => r.normMedian, 'one'),
      line('least norm', rows, (r) => r.normMin, 'three'),
      line('drift', rows, (r) => r.drift, 'two'),
    ],
    { min: 0 },
    'The codebook was not recorded',
  );
}

/** Losses fall by powers of ten. */
function logarithmic(rows, terms) {
  const values = rows.flatMap((r) => terms.map((t) => r.losses[t])).filter((v) => v !== undefined);
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) > 30 * least ? { type: 'log' } : {};
}

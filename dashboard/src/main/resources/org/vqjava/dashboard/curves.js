/* SPDX-License-Identifier: Apache-2.0 */
// Curves over steps.
import { axis, axisText, colour, draw, isBroken, narrow, short, stepAxis, tooltip, whole } from './theme.js';

const COLOURS = ['one', 'two', 'three', 'four', 'five'];

function line(name, rows, figure, colourName, extra = {}) {
  const data = [];
  const broken = [];
  for (const row of rows) {
    const value = figure(row);
    if (isBroken(value)) broken.push([row.step, `${name} ${short(value)}`]);
    if (value !== undefined) data.push([row.step, isBroken(value) ? null : value]); // a gap
  }
  return {
    name, type: 'line', data, broken, showSymbol: data.length < 3, symbolSize: 6,
    lineStyle: { width: 2, color: colour(colourName) }, itemStyle: { color: colour(colourName) },
    emphasis: { disabled: true }, ...extra,
  };
}

/** The same of the run that is compared with, dashed. */
function beside(name, source, figure, colourName) {
  if (!source) return [];
  const thin = { lineStyle: { width: 1.5, type: [5, 4], color: colour(colourName), opacity: 0.8 }, showSymbol: false };
  return [line(`${name}, ${source.run}`, source.rows, figure, colourName, { ...thin, ofOther: true })];
}

/** Crosses at the top of the chart where something is not finite; one a step, with all that is. */
function crosses(name, points, extra) {
  const told = new Map();
  for (const [step, what] of points) told.set(step, told.has(step) ? `${told.get(step)}, ${what}` : what);
  return {
    name, type: 'scatter', yAxisIndex: 1, z: 6, symbolSize: 10, symbol: 'path://M0 2L2 0L5 3L8 0L10 2L7 5L10 8L8 10L5 7L2 10L0 8L3 5Z',
    data: [...told].sort((a, b) => a[0] - b[0]).map(([step, what]) => [step, 0.96, what]), large: false, ...extra,
  };
}

/** What the lines have no place for, and what is known of numbers that they are made from. */
function notFinite(series, counts, other) {
  const own = series.filter((s) => !s.ofOther).flatMap((s) => s.broken || []).concat(counts);
  const others = series.filter((s) => s.ofOther).flatMap((s) => s.broken);
  return [
    ...(own.length ? [crosses('not finite', own, { itemStyle: { color: colour('bad') } })] : []),
    ...(others.length ? [crosses(`not finite, ${other.run}`, others, { itemStyle: { color: 'transparent', borderColor: colour('bad'), borderWidth: 1 } })] : []),
  ];
}

function counted(rows, figure, what) {
  return rows.filter((r) => r[figure] > 0).map((r) => [r.step, `${what}: ${whole(r[figure])} not finite`]);
}

function curves(id, lines, y, empty, { other, counts = [] } = {}) {
  const drawn = lines.filter((s) => s.data.length);
  const series = [...drawn, ...notFinite(drawn, counts, other)];
  const filled = series.filter((s) => s.data.some((p) => p[1] !== null));
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
        .map((p) => `<br>${p.marker}${escape(p.seriesName)}: <b>${p.value[2] ? escape(p.value[2]) : short(p.value[1])}</b>`)
        .join(''),
    }),
    xAxis: stepAxis(),
    yAxis: [axis({ splitNumber: narrow() ? 3 : 4, ...y }), { type: 'value', show: false, min: 0, max: 1, axisLabel: { show: false } }],
    series: filled.map(({ broken, ofOther, ...drawable }) => drawable),
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
    { other },
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
  const terms = [...new Set(rows.concat(other ? other.rows : []).flatMap((r) => Object.keys(r.losses)))].sort();
  curves(
    'losses',
    terms.flatMap((term, i) => [
      line(term, rows, (r) => r.losses[term], COLOURS[i % COLOURS.length]),
      ...beside(term, other, (r) => r.losses[term], COLOURS[i % COLOURS.length]),
    ]),
    logarithmic(rows, terms),
    'No loss was recorded',
    { other },
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
    { other, counts: counted(rows, 'spacingNotFinite', 'spacings') },
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
    { other, counts: counted(rows, 'normNotFinite', 'codes') },
  );
}

/** Losses fall by powers of ten. */
function logarithmic(rows, terms) {
  const values = rows.flatMap((r) => terms.map((t) => r.losses[t])).filter((v) => v !== undefined && !isBroken(v));
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) > 30 * least ? { type: 'log' } : {};
}

/* SPDX-License-Identifier: Apache-2.0 */
// Areas: codes and distances over time, and where the codes are.
import { axis, axisText, colour, draw, narrow, scale, short, tooltip, whole } from './theme.js';

function heat(id, steps, names, cells, options) {
  draw(id, {
    grid: { left: 6, right: 12, top: 8, bottom: 42, containLabel: true, show: true, borderWidth: 0, backgroundColor: options.ground },
    tooltip: tooltip({ formatter: (p) => options.tell(p.value, p.dataIndex) }),
    xAxis: {
      type: 'category', data: steps, axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { ...axisText(), formatter: whole, hideOverlap: true, interval: Math.floor(steps.length / (narrow() ? 3 : 8)) },
    },
    yAxis: {
      type: 'category', data: names, inverse: options.inverse, axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { ...axisText(), width: narrow() ? 70 : 120, overflow: 'truncate', interval: Math.max(0, Math.floor(names.length / 8)) },
    },
    visualMap: {
      min: options.min, max: options.max, calculable: false, orient: 'horizontal', left: 'center', bottom: 0,
      itemWidth: 10, itemHeight: narrow() ? 90 : 160, text: options.text, textStyle: axisText(), inRange: { color: scale() },
    },
    series: [{ type: 'heatmap', data: cells, progressive: 0, emphasis: { disabled: true } }],
  });
}

/** A factor over uniform, in powers of two; what was not taken is left as the ground. */
export function drawAccess(answer) {
  if (!answer.steps.length) {
    draw('access', null, 'No snapshot yet');
    return;
  }
  const cells = [];
  answer.values.forEach((column, x) => column.forEach((value, y) => {
    if (value > 0) cells.push([x, y, Math.max(-3, Math.min(3, Math.log2(value))), value]);
  }));
  heat('access', answer.steps, answer.rows, cells, {
    ground: colour('dead'), inverse: true, min: -3, max: 3, text: ['8 × uniform or more', '⅛ or less'],
    tell: (v) => `${answer.rows[v[1]]}<br>up to step ${whole(answer.steps[v[0]])}<br><b>${short(v[3])}</b> × uniform`,
  });
}

export function drawDistances(answer, kind) {
  const title = kind === 'similarity' ? 'Similarity of inputs and their code' : 'Distance of inputs to their code';
  document.getElementById('distance-title').textContent = title;
  if (!answer.steps.length) {
    draw('distances', null, kind === 'similarity' ? 'No similarity was recorded: the cosine look-up has it' : 'No distance was recorded');
    return;
  }
  const cells = [];
  let most = 0;
  answer.values.forEach((column, x) => column.forEach((value, y) => {
    if (value > 0) {
      cells.push([x, y, value]);
      most = Math.max(most, value);
    }
  }));
  const names = answer.edges.slice(1).map((edge, i) => short((answer.edges[i] + edge) / 2));
  const bins = names.length;
  if (answer.notFinite.some((part) => part > 0)) names.push('not finite');
  answer.notFinite.forEach((part, x) => {
    if (part > 0) cells.push({ value: [x, bins, part], visualMap: false, itemStyle: { color: colour('bad') } });
  });
  heat('distances', answer.steps, names, cells, {
    ground: 'transparent', inverse: false, min: 0, max: most || 1, text: [Math.round(100 * most) + ' % of inputs', '0'],
    tell: (v) => `${v[1] === bins ? 'NaN or infinite' : short(answer.edges[v[1]]) + ' to ' + short(answer.edges[v[1] + 1])}<br>up to step ${whole(answer.steps[v[0]])}<br><b>${(100 * v[2]).toFixed(1)} %</b> of the inputs`,
  });
}

/** The widest that the map was, so that it does not jump from step to step. */
const reach = new Map();

export function drawMap(moment, key, tile) {
  const told = document.getElementById('map-told');
  if (!moment.map) {
    told.textContent = 'first two principal components';
    draw('map', null, 'The codebook was not recorded');
    return;
  }
  const { points, explained, step, notFinite } = moment.map;
  told.textContent = `step ${whole(step)} · two principal components show ${Math.round(100 * explained)} % of the variance`
    + (notFinite ? ` · not finite, and so nowhere: ${whole(notFinite)}` : '');
  if (notFinite === moment.codes) {
    draw('map', null, 'All codes are NaN or infinite');
    return;
  }
  const live = [];
  const dead = [];
  let far = reach.get(key) || 0;
  moment.counts.forEach((count, k) => {
    const x = points[2 * k];
    const y = points[2 * k + 1];
    if (x === null) return;
    far = Math.max(far, Math.abs(x), Math.abs(y));
    (count > 0 ? live : dead).push([x, y, Math.log10(1 + count), k, count]);
  });
  reach.set(key, far);
  const most = Math.max(1, ...live.map((p) => p[2]));
  const size = moment.codes > 2000 ? 4 : moment.codes > 300 ? 7 : 11;
  const side = far * 1.08 || 1;
  draw('map', {
    grid: { left: 6, right: 12, top: 30, bottom: 42, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 12, textStyle: axisText(), data: ['taken', 'dead'] },
    tooltip: tooltip({
      formatter: (p) => `code <b>${p.value[3]}</b><br>taken ${whole(p.value[4])} times<br>${short(p.value[0])}, ${short(p.value[1])}${tile(p.value[3])}`,
    }),
    xAxis: axis({ min: -side, max: side, axisLabel: { ...axisText(), formatter: short, showMinLabel: false, showMaxLabel: false } }),
    yAxis: axis({ min: -side, max: side, axisLabel: { ...axisText(), formatter: short, showMinLabel: false, showMaxLabel: false } }),
    visualMap: {
      min: 0, max: most, dimension: 2, seriesIndex: 0, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 10,
      itemHeight: narrow() ? 90 : 160, text: [`taken ${whole(10 ** most - 1)} times`, 'few'], textStyle: axisText(),
      inRange: { color: scale().slice(1) },
    },
    series: [
      { name: 'taken', type: 'scatter', z: 3, data: live, symbolSize: size, itemStyle: { color: colour('one'), borderColor: colour('soft'), borderWidth: moment.codes > 2000 ? 0 : 0.5 } },
      { name: 'dead', type: 'scatter', data: dead, symbolSize: size, symbol: 'diamond', itemStyle: { color: 'transparent', borderColor: colour('bad'), borderWidth: moment.codes > 2000 ? 0.8 : 1.5, opacity: moment.codes > 2000 ? 0.5 : 1 } },
    ],
  });
}

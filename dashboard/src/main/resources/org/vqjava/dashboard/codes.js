/* SPDX-License-Identifier: Apache-2.0 */
// The codes of one time: sorted, as pictures, dead, replaced.
import { axis, axisText, colour, draw, short, tooltip, whole } from './theme.js';
import { escape } from './curves.js';

const TILES = 1024;

export function drawSorted(moment) {
  const dead = moment.counts.filter((c) => c === 0).length;
  const bars = moment.sorted.length;
  const codesABar = moment.codes / bars;
  const data = moment.sorted.map((value, i) => [i, value]);
  const most = data[0][1];
  if (!most) {
    draw('sorted', null, 'Nothing was looked up in this window');
    return;
  }
  const logarithmic = most > 50;
  draw('sorted', {
    grid: { left: 6, right: 12, top: 30, bottom: 4, containLabel: true },
    title: {
      text: dead ? `${whole(dead)} of ${whole(moment.codes)} codes were not taken` : `all ${whole(moment.codes)} codes were taken`,
      left: 0, top: 0, textStyle: { fontSize: 12.5, fontWeight: 500, color: colour(dead ? 'bad' : 'good') },
    },
    tooltip: tooltip({
      trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: ([p]) => `rank ${whole(p.value[0] * codesABar + 1)}<br>taken <b>${short(p.value[1])}</b> times`,
    }),
    xAxis: axis({ min: -0.5, max: bars - 0.5, splitLine: { show: false }, axisLabel: { ...axisText(), formatter: (v) => (v < 0 || v > bars - 1 ? '' : whole(Math.round(v * codesABar + 1))), hideOverlap: true } }),
    yAxis: axis(logarithmic ? { type: 'log', min: 0.5, axisLabel: { ...axisText(), formatter: (v) => (v < 1 ? '' : short(v)) } } : { min: 0 }),
    series: [
      { type: 'bar', data: data.map(([x, y]) => [x, y || null]), barWidth: bars > 150 ? '100%' : '80%', itemStyle: { color: colour('one') } },
      {
        type: 'line', silent: true, data: [], markLine: {
          silent: true, symbol: 'none', label: { formatter: 'uniform', position: 'insideEndTop', color: colour('soft'), fontSize: 11 },
          lineStyle: { color: colour('two'), type: 'dashed' }, data: [{ yAxis: moment.counts.reduce((a, b) => a + b, 0) / moment.codes }],
        },
      },
    ],
  });
}

export function drawSpacings(moment) {
  const histogram = moment.spacing;
  if (!histogram) {
    draw('spacings', null, 'The codebook was not recorded, or has too many codes to compare every two');
    return;
  }
  if (!histogram.finite) {
    draw('spacings', null, 'The spacing of every code is NaN or infinite');
    return;
  }
  const data = histogram.counts.map((count, i) => [(histogram.edges[i] + histogram.edges[i + 1]) / 2, count, i]);
  draw('spacings', {
    grid: { left: 6, right: 14, top: histogram.notFinite ? 30 : 12, bottom: 4, containLabel: true },
    title: histogram.notFinite
      ? { text: `NaN or infinite: ${whole(histogram.notFinite)}`, left: 0, top: 0, textStyle: { fontSize: 12.5, fontWeight: 500, color: colour('bad') } }
      : undefined,
    tooltip: tooltip({
      trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: ([p]) => `${short(histogram.edges[p.value[2]])} to ${short(histogram.edges[p.value[2] + 1])}<br><b>${whole(p.value[1])}</b> codes`,
    }),
    xAxis: axis({ min: Math.min(0, histogram.edges[0]), splitLine: { show: false } }),
    yAxis: axis({ min: 0, minInterval: 1 }),
    series: [{ type: 'bar', data, barWidth: '96%', itemStyle: { color: colour('three') } }],
  });
}

function table(box, heads, rows, empty) {
  const text = rows.length ? '' : empty;
  const shown = document.createElement(text ? 'div' : 'table');
  if (text) {
    shown.className = 'empty';
    shown.textContent = text;
  } else {
    shown.innerHTML = '<thead><tr>' + heads.map((h) => `<th scope="col">${escape(h)}</th>`).join('') + '</tr></thead><tbody>'
      + rows.map((row) => '<tr>' + row.map((cell) => `<td>${escape(cell)}</td>`).join('') + '</tr>').join('') + '</tbody>';
  }
  document.getElementById(box).replaceChildren(shown);
}

export function drawDead(moment) {
  document.getElementById('dead-title').textContent =
    `Dead codes: ${whole(moment.deadCount)} at step ${whole(moment.deadStep)}` + (moment.deadCount > moment.dead.length ? `, of which ${moment.dead.length} are listed` : '');
  table(
    'dead',
    ['code', 'last taken', 'since'],
    moment.dead.map((d) => [d.code, d.lastUsed < 0 ? 'never' : 'step ' + whole(d.lastUsed), d.lastUsed < 0 ? 'the start' : whole(moment.deadStep - d.lastUsed) + ' steps']),
    'Every code was taken by the newest window',
  );
}

export function drawReplacements(source) {
  const newestFirst = source.replacements.slice(-300).reverse();
  const row = source.newest();
  document.getElementById('replaced-title').textContent = `Replacements: ${whole(row ? row.replaced : 0)} codes so far`;
  table(
    'replacements',
    ['step', 'codes', 'which', 'policy'],
    newestFirst.map((r) => [whole(r.step), r.count, r.codes.join(', ') || '–', r.policy]),
    'No code was replaced',
  );
}

let sprite = null;

/** The pictures of the codes, loaded before they are drawn so that nothing flickers. */
export function drawImages(moment, address, key) {
  if (!moment.images) {
    sprite = null;
    draw('images', null, 'No decoder was given');
    return;
  }
  if (sprite && sprite.key === key) {
    paint(moment);
    return;
  }
  const image = new Image();
  image.onload = () => {
    sprite = { key, image, moment };
    paint(moment);
  };
  image.src = address;
}

/** The tile of a code for a tooltip. */
export function tile(code) {
  if (!sprite || !sprite.moment.images) return '';
  const { columns, width, height } = sprite.moment.images;
  const side = 64;
  const x = (code % columns) * side;
  const y = Math.floor(code / columns) * side;
  const sheet = (sprite.image.naturalWidth / width) * side;
  const tall = (sprite.image.naturalHeight / height) * side;
  return `<br><span style="display:inline-block;width:${side}px;height:${side}px;image-rendering:pixelated;background:url('${escape(sprite.image.src)}') -${x}px -${y}px / ${sheet}px ${tall}px"></span>`;
}

function paint(moment) {
  const box = document.getElementById('images');
  const { columns, width, height } = moment.images;
  const codes = Math.min(TILES, moment.codes);
  const room = Math.max(120, box.clientWidth - 16);
  const tall = Math.max(200, box.clientHeight - 8);
  let side = 64;
  while (side > 16 && Math.ceil(codes / Math.floor(room / (side + 4))) * (side + 10) > tall) side--;
  const perRow = Math.floor(room / (side + 4));
  const rows = Math.ceil(codes / perRow);
  const canvas = document.createElement('canvas');
  canvas.className = 'tiles';
  canvas.width = perRow * (side + 4);
  canvas.height = rows * (side + 10);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${codes} codes as the decoder shows them`);
  const g = canvas.getContext('2d');
  g.imageSmoothingEnabled = false;
  const most = Math.max(1, ...moment.counts);
  for (let k = 0; k < codes; k++) {
    const x = (k % perRow) * (side + 4) + 2;
    const y = Math.floor(k / perRow) * (side + 10) + 2;
    g.drawImage(sprite.image, (k % columns) * width, Math.floor(k / columns) * height, width, height, x, y, side, side);
    if (moment.counts[k] === 0) {
      g.strokeStyle = colour('bad');
      g.lineWidth = 2;
      g.strokeRect(x + 1, y + 1, side - 2, side - 2);
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + side, y + side);
      g.stroke();
    } else {
      g.fillStyle = colour('one');
      g.fillRect(x, y + side + 2, Math.max(1, (side * moment.counts[k]) / most), 3);
    }
  }
  canvas.addEventListener('mousemove', (event) => {
    const scale = canvas.width / canvas.clientWidth;
    const k = Math.floor((event.offsetY * scale) / (side + 10)) * perRow + Math.floor((event.offsetX * scale) / (side + 4));
    canvas.title = k < codes ? `code ${k}, taken ${whole(moment.counts[k])} times` : '';
  });
  box.replaceChildren(canvas);
}

/* SPDX-License-Identifier: Apache-2.0 */
// Charts in the colours of the page, and reachable by keyboard.

const charts = new Map();

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

/** From few to many; told apart by lightness alone too. */
export function scale() {
  return isDark()
    ? ['#2b2a5e', '#3b528b', '#21918c', '#5ec962', '#fde725']
    : ['#e6ecf5', '#a8c4e0', '#5b9bc8', '#1f6aa5', '#0b2f57'];
}

export function isDark() {
  return document.documentElement.dataset.theme === 'dark';
}

export function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

export function narrow() {
  return window.innerWidth < 560;
}

/** A number as short as a person wants it. */
export function short(value) {
  if (isBroken(value)) return value.replace('Infinity', '∞');
  if (value === undefined || value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** A number that is not finite comes as a text, as JSON has none. */
export function isBroken(value) {
  return typeof value === 'string';
}

export function fixed(value, digits) {
  return isBroken(value) ? short(value) : value.toFixed(digits);
}

export function whole(value) {
  return Number(value).toLocaleString('en', { maximumFractionDigits: 0 });
}

export function axisText() {
  return { color: colour('soft'), fontSize: 11 };
}

/** A value axis; labels are short. */
export function axis(extra = {}) {
  return {
    type: 'value',
    axisLabel: { ...axisText(), formatter: short, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('grid') } },
    ...extra,
  };
}

export function stepAxis(extra = {}) {
  return axis({
    min: 'dataMin', max: 'dataMax', splitNumber: narrow() ? 3 : 6,
    splitLine: { show: false },
    axisLabel: { ...axisText(), formatter: whole, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: colour('line') } },
    ...extra,
  });
}

export function tooltip(extra = {}) {
  return {
    confine: true,
    backgroundColor: colour('card'),
    borderColor: colour('line'),
    textStyle: { color: colour('text'), fontSize: 12 },
    ...extra,
  };
}

/** Draws; where there is nothing to draw, says why. */
export function draw(id, option, empty) {
  const box = document.getElementById(id);
  let held = charts.get(id);
  if (empty) {
    if (held) {
      held.dispose();
      charts.delete(id);
    }
    if (box.textContent !== empty) {
      box.replaceChildren();
      const note = document.createElement('div');
      note.className = 'empty';
      note.textContent = empty;
      box.append(note);
    }
    return;
  }
  if (!held) {
    box.replaceChildren();
    held = window.echarts.init(box, null, { renderer: 'canvas' });
    charts.set(id, held);
    held.on('finished', () => { box.dataset.drawn = 'true'; });
    moveByKeys(box, held);
  }
  held.setOption(
    { animation: false, aria: { enabled: true }, textStyle: { fontFamily: 'inherit' }, ...option },
    { notMerge: true },
  );
}

export function chart(id) {
  return charts.get(id);
}

/** Left and right go from point to point. */
function moveByKeys(box, held) {
  let at = -1;
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') held.dispatchAction({ type: 'hideTip' });
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const series = (held.getOption() || {}).series || [];
    if (!by || !series.length || !series[0].data) return;
    event.preventDefault();
    const last = series[0].data.length - 1;
    at = at < 0 ? (by > 0 ? 0 : last) : Math.max(0, Math.min(last, at + by));
    held.dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: at });
  });
}

new ResizeObserver(() => charts.forEach((held) => held.resize())).observe(document.documentElement);

/* SPDX-License-Identifier: Apache-2.0 */
// The page: what is chosen, and when what is drawn anew.
import { Source, get, place, setPlace } from './model.js';
import { draw, fixed, isDark, setTheme, short, whole } from './theme.js';
import { drawCurves, escape } from './curves.js';
import { drawAccess, drawDistances, drawMap } from './maps.js';
import { drawDead, drawImages, drawReplacements, drawSorted, drawSpacings, tile } from './codes.js';

const $ = (id) => document.getElementById(id);
const at = { ...{ run: '', codebook: '', beside: '', step: '', order: 'index', kind: '' }, ...place() };
let source = null;
let other = null;
let paused = false;
let steps = [];
let due = { curves: 0, areas: 0 };

function fail(problem) {
  $('trouble').hidden = !problem;
  $('trouble').textContent = problem ? String(problem.message || problem) : '';
}

/** At most so often, and always once after the last call. */
function soon(name, millis, task) {
  if (due[name]) return;
  due[name] = setTimeout(async () => {
    due[name] = 0;
    try {
      await task();
    } catch (problem) {
      fail(problem);
    }
  }, millis);
}

function changed(who, more) {
  if (who === source && source.info) fail(source.info.trouble);
  status();
  if (!more || paused) return;
  soon('curves', 400, curves);
  if (who === source) soon('areas', 1500, areas);
}

function status() {
  if (!source || !source.info) return;
  const row = source.newest();
  const parts = [
    source.lost ? 'connection lost, trying again' : paused ? 'paused' : source.info.state,
    row ? 'data up to step ' + whole(row.step) : 'no data yet',
  ];
  if (row) {
    parts.push(whole(source.snapshots) + ' snapshots', 'windows of ' + whole(row.batches) + (row.batches === 1 ? ' batch' : ' batches'));
    parts.push(new Date(row.time).toLocaleString('en-GB'));
  }
  $('status').textContent = parts.join(' · ');
}

const WAITING = { kind: 'none', title: 'Waiting for the first snapshot', sentence: 'It comes when the first window of batches is full.' };

function verdict(id, health, whose) {
  const { kind, title, sentence } = health || WAITING;
  $(id).className = 'health ' + kind;
  $(id).innerHTML = `<strong>${escape(whose + title)}</strong><span>${escape(sentence)}</span>`;
}

function figures() {
  const row = source.newest();
  verdict('health', source.health, '');
  $('beside-health').hidden = !other;
  if (other) verdict('beside-health', other.health, other.run + ': ');
  const all = row
    ? [
      ['Perplexity', fixed(row.perplexity, 1), 'of ' + whole(source.codes)],
      ['Codes in use', (100 * row.usage).toFixed(row.usage < 1 ? 1 : 0) + ' %', ''],
      ['Dead codes', whole(row.dead), 'in a window'],
      ['Entropy', fixed(row.entropy, 2), 'of ' + Math.log2(source.codes).toFixed(1) + ' bits'],
      row.distanceMedian === undefined && row.similarityMedian !== undefined
        ? ['Median similarity', short(row.similarityMedian), 'to the code']
        : ['Median distance', short(row.distanceMedian), 'to the code'],
      ['Replaced', whole(row.replaced), 'so far'],
    ]
    : ['Perplexity', 'Codes in use', 'Dead codes', 'Entropy', 'Median distance', 'Replaced'].map((name) => [name, '–', '']);
  $('figures').innerHTML = all
    .map(([name, value, unit]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)} <small>${escape(unit)}</small></dd></div>`)
    .join('');
}

function curves() {
  figures();
  drawCurves(source, other);
  drawReplacements(source);
  status();
}

/** What the server pools: asked for anew, less often than curves grow. */
async function areas() {
  const where = { run: source.run, codebook: source.codebook };
  if (!source.codebook || !source.rows.length) {
    drawAccess({ steps: [] });
    drawDistances({ steps: [] }, at.kind);
    ['map', 'sorted', 'spacings', 'images', 'dead'].forEach((id) => draw(id, null, 'No snapshot yet'));
    return;
  }
  const row = source.newest();
  const kind = at.kind || (row.distanceMedian === undefined && row.similarityMedian !== undefined ? 'similarity' : 'distance');
  $('kind').value = kind;
  const [access, distances] = await Promise.all([
    get('heatmap', { ...where, order: at.order, rows: window.innerWidth < 560 ? 64 : 128 }),
    get('histograms', { ...where, kind }),
  ]);
  drawAccess(access);
  drawDistances(distances, kind);
  steps = access.steps;
  $('step').max = Math.max(0, steps.length - 1);
  if (at.step === '') $('step').value = $('step').max;
  await moment();
}

async function moment() {
  const step = at.step === '' ? '' : Number(at.step);
  const where = { run: source.run, codebook: source.codebook, ...(step === '' ? {} : { step }) };
  const shown = await get('moment', where);
  const index = steps.indexOf(shown.step);
  if (index >= 0) $('step').value = index;
  $('step-told').textContent = `step ${whole(shown.step)}` + (at.step === '' ? ', the newest window' : '');
  $('step').setAttribute('aria-valuetext', $('step-told').textContent);
  const key = source.run + '/' + source.codebook;
  drawSorted(shown);
  drawSpacings(shown);
  drawDead(shown);
  drawImages(shown, '/api/codes.png?' + new URLSearchParams(where), key + '/' + (shown.map ? shown.map.step : ''));
  drawMap(shown, key, tile);
}

function options(select, names, chosen) {
  select.replaceChildren(...names.map(([value, text]) => new Option(text, value, false, value === chosen)));
  select.value = chosen;
}

async function show() {
  if (source) source.stop();
  if (other) other.stop();
  other = null;
  const list = (await get('runs')).runs;
  if (!list.length) {
    $('status').textContent = 'No run yet: this page waits for one';
    setTimeout(() => start(), 2000);
    return;
  }
  const known = (id) => list.some((run) => run.id === id);
  if (!known(at.run)) at.run = list[list.length - 1].id;
  if (!known(at.beside) || at.beside === at.run) at.beside = '';
  listed(list);
  source = new Source(at.run, changed, fail);
  await source.load(at.codebook);
  at.codebook = source.codebook || '';
  options($('codebook'), source.info.codebooks.map((c) => [c.name, `${c.name} (${whole(c.codes)})`]), at.codebook);
  $('options').innerHTML = Object.entries(source.info.options).map(([name, value]) => `<div>${escape(name)} <b>${escape(value)}</b></div>`).join('');
  if (at.beside) {
    other = new Source(at.beside, changed, fail);
    await other.load(at.codebook);
  }
  fail(source.info.trouble);
  setPlace(at);
  curves();
  await areas();
  document.title = `${at.run} · codebooks`;
  document.body.dataset.ready = 'true';
}

/** A run that does not fare well says so where it is chosen. */
function listed(list) {
  const named = list.map(({ id, worst }) => [id, worst && ['warn', 'bad'].includes(worst.kind) ? `${id} · ${worst.title.toLowerCase()}` : id]);
  options($('run'), named, at.run);
  options($('beside'), [['', 'nothing'], ...named.filter(([id]) => id !== at.run)], at.beside);
}

async function listAgain() {
  if (!paused && source && source.info && !['run', 'beside'].includes(document.activeElement.id)) {
    const list = (await get('runs')).runs;
    if (list.some((run) => run.id === at.run)) listed(list);
  }
}

async function start() {
  delete document.body.dataset.ready;
  try {
    await show();
  } catch (problem) {
    fail(problem);
  }
}

function chosen(id, name, then) {
  $(id).addEventListener('change', () => {
    at[name] = $(id).value;
    setPlace(at);
    then();
  });
}

setTheme(localStorage.getItem('theme') ? localStorage.getItem('theme') === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
$('theme').textContent = isDark() ? 'Light' : 'Dark';
$('theme').addEventListener('click', () => {
  setTheme(!isDark());
  localStorage.setItem('theme', isDark() ? 'dark' : 'light');
  $('theme').textContent = isDark() ? 'Light' : 'Dark';
  if (source && source.info) {
    curves();
    areas().catch(fail);
  }
});
$('pause').addEventListener('click', () => {
  paused = !paused;
  $('pause').setAttribute('aria-pressed', String(paused));
  $('pause').textContent = paused ? 'Go on' : 'Pause';
  if (!paused) {
    curves();
    areas().catch(fail);
  }
  status();
});
chosen('run', 'run', () => { at.step = ''; at.kind = ''; start(); });
chosen('beside', 'beside', start);
chosen('codebook', 'codebook', () => { at.step = ''; at.kind = ''; start(); });
chosen('order', 'order', () => areas().catch(fail));
chosen('kind', 'kind', () => areas().catch(fail));
$('order').value = at.order;
$('step').addEventListener('input', () => {
  at.step = Number($('step').value) >= steps.length - 1 ? '' : String(steps[$('step').value]);
  setPlace(at);
  soon('moment', 80, moment);
});
$('newest').addEventListener('click', () => {
  at.step = '';
  setPlace(at);
  $('step').value = $('step').max;
  moment().catch(fail);
});
setInterval(() => listAgain().catch(() => {}), 4000); // a lost connection is told elsewhere
addEventListener('hashchange', () => { Object.assign(at, { step: '' }, place()); start(); });
start();

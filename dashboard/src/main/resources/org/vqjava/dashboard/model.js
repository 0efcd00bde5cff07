/* SPDX-License-Identifier: Apache-2.0 */
// What the server tells, and where the page is in it.

const KEPT = 4000;

export async function get(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const answer = await fetch('/api/' + path + (query ? '?' + query : ''));
  if (!answer.ok) throw new Error((await answer.text()).trim() || 'HTTP ' + answer.status);
  return answer.json();
}

/** A codebook of a run, kept up to date by events. */
export class Source {
  constructor(run, changed, failed) {
    this.run = run;
    this.changed = changed;
    this.failed = failed;
    this.info = null;
    this.codebook = null;
    this.rows = [];
    this.replacements = [];
    this.events = null;
    this.lost = false;
  }

  async load(wanted) {
    this.info = await get('run', { run: this.run });
    const names = this.info.codebooks.map((c) => c.name);
    this.codebook = names.includes(wanted) ? wanted : names[0] || null;
    await this.loadRows();
    this.listen();
  }

  async choose(codebook) {
    this.codebook = codebook;
    await this.loadRows();
    this.listen();
  }

  async loadRows() {
    this.rows = [];
    this.replacements = [];
    this.cursor = this.info.cursor;
    if (!this.codebook) return;
    const series = await get('series', { run: this.run, codebook: this.codebook });
    this.rows = series.rows;
    this.codes = series.codes;
    this.snapshots = series.snapshots;
    this.replacements = series.replacements;
    this.replacementCount = series.replacementCount;
    this.cursor = series.cursor;
  }

  /** The browser comes back by itself, and names the last event that it got. */
  listen() {
    this.stop();
    const where = new URLSearchParams({ run: this.run, after: this.cursor });
    this.events = new EventSource('/api/events?' + where);
    this.events.onopen = () => { this.lost = false; this.changed(this, false); };
    this.events.onerror = () => { this.lost = true; this.changed(this, false); };
    this.events.onmessage = (event) => {
      this.cursor = event.lastEventId;
      this.take(JSON.parse(event.data));
    };
    this.events.addEventListener('anew', () => this.again());
  }

  async again() {
    try {
      await this.load(this.codebook);
      this.changed(this, true);
    } catch (problem) {
      this.failed(problem);
    }
  }

  take(news) {
    this.info.state = news.state;
    let more = false;
    let unknown = false;
    for (const row of news.rows) {
      unknown = unknown || !this.info.codebooks.some((c) => c.name === row.codebook);
      const last = this.rows.length ? this.rows[this.rows.length - 1].n : -1;
      if (row.codebook !== this.codebook || row.n <= last) continue;
      this.rows.push(row);
      this.snapshots++;
      more = true;
      if (row.replacements) {
        this.replacements.push(...row.replacements);
        this.replacementCount += row.replacements.length;
      }
    }
    if (unknown || this.rows.length > KEPT) {
      this.again();
      return;
    }
    this.changed(this, more);
  }

  newest() {
    return this.rows[this.rows.length - 1];
  }

  stop() {
    if (this.events) this.events.close();
    this.events = null;
  }
}

/** Where the page is, so that an address can be handed on. */
export function place() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

export function setPlace(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== '');
  history.replaceState(null, '', '#' + new URLSearchParams(kept));
}

/** How a codebook fares, in a word and a sentence. */
export function health(source) {
  const row = source.newest();
  if (!row) return ['', 'Waiting for the first snapshot', 'It comes when the first window of batches is full.'];
  const percent = Math.round(100 * row.usage);
  if (row.notFinite) {
    return ['bad', 'Not a number', 'Distances or codes are NaN or infinite: lower the rate or the loss weights.'];
  }
  if (row.perplexity < 1.5 && source.codes > 2) {
    return ['bad', 'Collapsed', 'Nearly all vectors take one code: replace dead codes, or start from a batch.'];
  }
  if (row.vectors < source.codes) {
    return ['warn', 'Window too small', `A window has ${row.vectors} vectors for ${source.codes} codes, so many codes cannot be taken.`];
  }
  if (row.usage < 0.2) {
    return ['bad', 'Mostly dead', `Only ${percent} % of the codes are taken. Replace dead codes, or use fewer.`];
  }
  const before = source.rows[Math.max(0, source.rows.length - 1 - Math.ceil(source.rows.length / 4))];
  if (source.rows.length > 7 && row.perplexity < 0.6 * before.perplexity) {
    return ['bad', 'Collapsing', `Perplexity fell from ${before.perplexity.toFixed(1)} to ${row.perplexity.toFixed(1)} in the last quarter.`];
  }
  if (row.usage < 0.8) {
    return ['warn', 'Dead codes', `${row.dead} of ${source.codes} codes were not taken by the newest window.`];
  }
  if (row.perplexity < 0.3 * source.codes) {
    return ['warn', 'Uneven', 'Nearly all codes are taken, but few of them take most of the vectors.'];
  }
  return ['good', 'Healthy', `${percent} % of the codes are taken, and evenly enough.`];
}

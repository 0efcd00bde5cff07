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
    this.health = this.info.worst;
    this.cursor = this.info.cursor;
    if (!this.codebook) return;
    const series = await get('series', { run: this.run, codebook: this.codebook });
    this.rows = series.rows;
    this.codes = series.codes;
    this.health = series.health;
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
    const told = JSON.stringify([this.info.state, this.info.trouble, this.health]);
    this.info.state = news.state;
    this.info.trouble = news.trouble;
    this.health = news.health[this.codebook] || news.worst;
    let more = told !== JSON.stringify([this.info.state, this.info.trouble, this.health]);
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

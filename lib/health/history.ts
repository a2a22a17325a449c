import type { HealthHistory, Metrics, Verdict } from './types';
import { isoText } from './time';

/** One row of the history each so many ms (readings come a little early or late): the worst verdict since the row before. */
const ROW_MS = 4_500;
const HOUR_MS = 3_600_000;
const MOST_ROWS = HOUR_MS / ROW_MS;
const FIRST_ROWS = 50;

const VERDICTS: readonly Verdict[] = ['ok', 'unknown', 'degraded', 'critical'];
const FIGURES = [
  'receivedKbps',
  'receivedPercent',
  'recordingMs',
  'skippedPercent',
  'missedPercent',
  'fps',
  'targetFps',
  'cpuPercent',
  'memoryMegabytes',
  'freeDiskMegabytes',
  'darkPercent',
  'unchangedMs',
  'peakDb',
  'clippedPercent',
] as const satisfies (keyof Metrics)[];
const STREAM_FIGURES = ['bitrateKbps', 'baselineKbps', 'droppedPercent', 'congestion'] as const;

/** at, verdict, score, the figures */
const FIXED = 3 + FIGURES.length;
/** state, its figures */
const PER_STREAM = 1 + STREAM_FIGURES.length;
/** state, cursor */
const PER_MEDIA = 2;

/** The last hour in numbers, in memory that is bounded: an hour of one stream takes 120 kB. */
export class History {
  private rows = new Float64Array(0);
  private capacity = 0;
  private tail = 0;
  private count = 0;
  private outputs: string[] = [];
  private names: string[] = [];
  private readonly states: string[] = [];
  private lastMs = -Infinity;
  private worst = -1;
  private worstScore: number | null = null;

  /** Take a reading; `metrics` is asked for only when a row is due. */
  take(atMs: number, verdict: Verdict, score: number | null, metrics: () => Metrics): void {
    const rank = VERDICTS.indexOf(verdict);
    if (rank > this.worst || (rank === this.worst && (score ?? 100) < (this.worstScore ?? 100))) {
      this.worst = rank;
      this.worstScore = score;
    }
    if (atMs - this.lastMs < ROW_MS) return;
    this.lastMs = atMs;
    this.write(atMs, this.worst, this.worstScore, metrics());
    this.worst = -1;
    this.worstScore = null;
  }

  /** The rows of the hour before `atMs`, the oldest first. */
  samples(atMs: number): HealthHistory['samples'] {
    const out: HealthHistory['samples'] = [];
    for (let i = 0; i < this.count; i++) {
      const at = ((this.tail + i) % this.capacity) * this.width;
      if (this.rows[at]! >= atMs - HOUR_MS) out.push(this.read(at));
    }
    return out;
  }

  private get width(): number {
    return FIXED + this.outputs.length * PER_STREAM + this.names.length * PER_MEDIA;
  }

  private write(atMs: number, rank: number, score: number | null, metrics: Metrics): void {
    this.widen(
      metrics.streams.map(({ output }) => output),
      metrics.media.map(({ name }) => name),
    );
    if (this.count === this.capacity) {
      if (this.capacity < MOST_ROWS)
        this.resize(Math.min(MOST_ROWS, Math.max(FIRST_ROWS, this.capacity * 2)));
      else {
        this.tail = (this.tail + 1) % this.capacity;
        this.count--;
      }
    }
    const { rows } = this;
    let at = ((this.tail + this.count++) % this.capacity) * this.width;
    rows.fill(NaN, at, at + this.width);
    rows[at++] = atMs;
    rows[at++] = rank;
    rows[at++] = score ?? NaN;
    for (const figure of FIGURES) rows[at++] = metrics[figure] ?? NaN;
    for (const stream of metrics.streams) {
      let column = at + this.outputs.indexOf(stream.output) * PER_STREAM;
      rows[column++] = this.stateIndex(stream.state);
      for (const figure of STREAM_FIGURES) rows[column++] = stream[figure] ?? NaN;
    }
    at += this.outputs.length * PER_STREAM;
    for (const { name, state, cursorMs } of metrics.media) {
      const column = at + this.names.indexOf(name) * PER_MEDIA;
      rows[column] = this.stateIndex(state);
      rows[column + 1] = cursorMs ?? NaN;
    }
  }

  private read(start: number): HealthHistory['samples'][number] {
    let at = start;
    const next = (): number | null => {
      const value = this.rows[at++]!;
      return Number.isNaN(value) ? null : value;
    };
    const time = next()!;
    const verdict = VERDICTS[next()!]!;
    const score = next();
    const figures = Object.fromEntries(FIGURES.map((figure) => [figure, next()]));
    const streams = this.outputs.flatMap((output) => {
      const state = next();
      const values = Object.fromEntries(STREAM_FIGURES.map((figure) => [figure, next()]));
      return state === null ? [] : [{ output, state: this.states[state]!, ...values }];
    });
    const media = this.names.flatMap((name) => {
      const state = next();
      const cursorMs = next();
      return state === null ? [] : [{ name, state: this.states[state]!, cursorMs }];
    });
    return {
      at: isoText(time),
      verdict,
      score,
      metrics: { streams, ...figures, media } as unknown as Metrics,
    };
  }

  private stateIndex(state: string): number {
    const known = this.states.indexOf(state);
    return known >= 0 ? known : this.states.push(state) - 1;
  }

  /** Room for streams and inputs that were not there before. */
  private widen(outputs: string[], names: string[]): void {
    if (outputs.every((one) => this.outputs.includes(one)) && names.every((one) => this.names.includes(one)))
      return;
    const [width, oldOutputs] = [this.width, this.outputs.length];
    const { rows, capacity, tail, count } = this;
    this.outputs = [...new Set([...this.outputs, ...outputs])];
    this.names = [...new Set([...this.names, ...names])];
    this.rows = new Float64Array(capacity * this.width).fill(NaN);
    this.tail = 0;
    const mediaFrom = FIXED + oldOutputs * PER_STREAM;
    for (let i = 0; i < count; i++) {
      const from = ((tail + i) % capacity) * width;
      const to = i * this.width;
      this.rows.set(rows.subarray(from, from + mediaFrom), to);
      this.rows.set(
        rows.subarray(from + mediaFrom, from + width),
        to + FIXED + this.outputs.length * PER_STREAM,
      );
    }
  }

  private resize(capacity: number): void {
    const { width, rows, tail, count } = this;
    this.rows = new Float64Array(capacity * width).fill(NaN);
    for (let i = 0; i < count; i++) {
      const from = ((tail + i) % this.capacity) * width;
      this.rows.set(rows.subarray(from, from + width), i * width);
    }
    this.tail = 0;
    this.capacity = capacity;
  }
}

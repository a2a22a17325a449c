import { escapeHtml } from './escape';
import { SCENE_COLOURS } from './style';
import type { Moment, ShowReport } from './types';
import type { LocalTime } from './words';

/** Streams, outputs … with a lane each; more share none. */
const MOST_LANES = 6;
/** Parts of the width below which a bar is still drawn, in percent, and the finest step of a lane with many of them. */
const THINNEST = 0.35;
const FINEST = 0.2;
const MOST_TICKS = 6;
const SECOND = 1_000;
const MINUTE = 60_000;
const SECONDS = [1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND);
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200].map(
  (minutes) => minutes * MINUTE,
);
const STEPS = [...SECONDS, ...MINUTES];

interface Bar {
  begin: Moment;
  end: Moment;
  style: string;
  /** bars that stand on others */
  above?: boolean;
  /** what is told when a pointer rests on it */
  title: () => string;
}

/** The evening as bars beside each other: what was live, recording, in the program, and wrong. Empty where there is nothing to show. */
export function timelineHtml(report: ShowReport, time: LocalTime): string {
  if (report.from === null || report.to === null) return '';
  const scale = new Scale(Date.parse(report.from), Date.parse(report.to));
  const clock = (at: string): string => time.clockFrom(at, report.from);
  const span = ({ begin, end }: { begin: Moment; end: Moment }): string =>
    `${begin.at === null ? '?' : clock(begin.at)} – ${end.at === null ? '?' : clock(end.at)}`;
  const lanes: string[] = [];
  const dark = report.unknown.filter(({ kind }) => kind !== 'lost');
  const lane = (name: string, bars: readonly Bar[], connection: string | null = null, height = 16): void => {
    const hidden = dark.filter(
      (one) => one.connection === null || one.connection === connection || connection === null,
    );
    const hatched = hidden.map((one): Bar => ({
      ...one,
      style: 'dark',
      title: () => `${span(one)}: not known`,
    }));
    lanes.push(
      `<div class="lane">${escapeHtml(name)}</div><svg height="${height}" role="img" aria-label="${escapeHtml(name)}"><rect class="back" width="100%" height="${height}" rx="3"/>${scale.bars(bars, height)}${scale.bars(hatched, height)}${scale.grid(height, time)}</svg>`,
    );
  };
  const several =
    new Set([...report.streams, ...report.recordings].map(({ connection }) => connection)).size > 1;
  const title = (what: string, connection: string): string => (several ? `${what}, ${connection}` : what);

  for (const [name, streams] of grouped(report.streams, several))
    lane(
      name,
      streams.flatMap((one) => [
        { ...one, style: openStyle('live', one), title: () => `${span(one)}: live` },
        ...one.interruptions.map((cut) => ({
          ...cut,
          style: 'cut',
          above: true,
          title: () => `${span(cut)}: server lost`,
        })),
      ]),
      streams[0]!.connection,
    );
  for (const [name, recordings] of grouped(report.recordings, several))
    lane(
      name,
      recordings.flatMap((one) => [
        { ...one, style: openStyle('rec', one), title: () => `${span(one)}: recording` },
        ...one.pauses.map((pause) => ({
          ...pause,
          style: 'pause',
          above: true,
          title: () => `${span(pause)}: paused`,
        })),
      ]),
      recordings[0]!.connection,
    );
  for (const [name, outputs] of grouped(report.outputs, several))
    lane(
      name,
      outputs.map((one) => ({ ...one, style: openStyle('out', one), title: () => span(one) })),
      outputs[0]!.connection,
      10,
    );
  if (report.incidents.length)
    lane(
      'Incidents',
      report.incidents.map((one) => ({
        ...one,
        style: `inc-${['critical', 'degraded'].includes(one.worst) ? one.worst : 'unknown'}`,
        title: () => `${span(one)}: ${one.sentence}`,
      })),
    );
  const ranks = new Map(
    report.scenes.totals.map(({ connection, scene }, at) => [`${connection}\n${scene}`, at]),
  );
  const connections = [...new Set(report.scenes.timeline.map(({ connection }) => connection))];
  for (const connection of connections.slice(0, MOST_LANES))
    lane(
      connections.length > 1 ? title('Scenes', connection) : 'Scenes',
      report.scenes.timeline
        .filter((one) => one.connection === connection)
        .map((one) => ({
          ...one,
          style: sceneStyle(ranks.get(`${connection}\n${one.scene}`) ?? 0),
          title: () => `${span(one)}: ${one.scene}`,
        })),
      connection,
    );
  if (!lanes.length) return '';
  return `<section><h2>The evening</h2><div class="lanes">${lanes.join('\n')}<div></div><svg height="18" aria-hidden="true">${scale.ticks(time)}</svg></div>
<p class="key"><span><i class="k-live"></i>live</span><span><i class="k-rec"></i>recording</span><span><i class="k-cut"></i>server lost</span><span><i class="k-dark"></i>not known</span></p></section>`;
}

/** The class of a scene by its rank. */
export function sceneStyle(rank: number): string {
  return `s${Math.min(rank, SCENE_COLOURS.length - 1)}`;
}

/** The pattern of what is not known, once for all lanes. */
export const PATTERN =
  '<svg width="0" height="0" aria-hidden="true" class="defs"><defs><pattern id="dark" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff" fill-opacity=".55"/><rect width="2" height="6" fill="#6d7682"/></pattern></defs></svg>';

function openStyle(style: string, { begin, end }: { begin: Moment; end: Moment }): string {
  return begin.at === null || end.at === null ? `${style} open` : style;
}

function grouped<T extends { connection: string; output: string }>(
  all: readonly T[],
  several: boolean,
): [string, T[]][] {
  const lanes = new Map<string, T[]>();
  for (const one of all) {
    const name = several ? `${one.connection}, ${one.output}` : one.output;
    const list = lanes.get(name);
    if (list) list.push(one);
    else lanes.set(name, [one]);
  }
  return [...lanes]
    .slice(0, MOST_LANES)
    .map(([name, list]) => [name.replace(/^./, (one) => one.toUpperCase()), list]);
}

/** Times as parts of the width, in percent. */
class Scale {
  private readonly lengthMs: number;

  constructor(
    private readonly fromMs: number,
    private readonly toMs: number,
  ) {
    this.lengthMs = Math.max(1, toMs - fromMs);
  }

  private x(ms: number): number {
    return Math.min(100, Math.max(0, ((ms - this.fromMs) / this.lengthMs) * 100));
  }

  /** Bars of one lane; of many that are thinner than a line, some stand for all. */
  bars(bars: readonly Bar[], height: number): string {
    const out: string[] = [];
    let [below, above] = [-1, -1];
    for (const { begin, end, style, title, above: isAbove = false } of bars) {
      const [from, to] = [startOf(begin, end), endOf(begin, end)];
      if (from === null || to === null || to < this.fromMs || from > this.toMs) continue;
      const [left, right] = [this.x(from), this.x(to)];
      if (right - (isAbove ? above : below) < FINEST) continue;
      if (isAbove) above = right;
      else below = right;
      const width = Math.max(THINNEST, right - left);
      const fill = style === 'dark' ? 'fill="url(#dark)"' : `class="${style}"`;
      out.push(
        `<rect ${fill} x="${left.toFixed(2)}%" width="${width.toFixed(2)}%" height="${height}"><title>${escapeHtml(title())}</title></rect>`,
      );
    }
    return out.join('');
  }

  grid(height: number, time: LocalTime): string {
    return this.marks(time)
      .map((ms) => {
        const x = `${this.x(ms).toFixed(2)}%`;
        return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`;
      })
      .join('');
  }

  ticks(time: LocalTime): string {
    const step = this.step();
    return this.marks(time)
      .map((ms) => {
        const x = this.x(ms);
        const anchor = x < 4 ? 'start' : x > 96 ? 'end' : 'middle';
        const text =
          step >= 1440 * MINUTE ? time.shortDate(ms) : time.clock(ms).slice(0, step < MINUTE ? 8 : 5);
        return `<text class="tick" x="${x.toFixed(2)}%" y="12" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
      })
      .join('');
  }

  private step(): number {
    return STEPS.find((step) => this.lengthMs / step <= MOST_TICKS) ?? this.lengthMs / MOST_TICKS;
  }

  /** Round times of the local clock. */
  private marks(time: LocalTime): number[] {
    const step = this.step();
    const offset = time.offsetMs(this.fromMs);
    const out: number[] = [];
    for (let ms = Math.ceil((this.fromMs + offset) / step) * step - offset; ms <= this.toMs; ms += step)
      out.push(ms);
    return out;
  }
}

function startOf(begin: Moment, end: Moment): number | null {
  return timeOf(begin.at ?? begin.notAfter ?? begin.notBefore ?? end.at ?? end.notBefore);
}

function endOf(begin: Moment, end: Moment): number | null {
  return timeOf(end.at ?? end.notBefore ?? end.notAfter ?? begin.at ?? begin.notAfter);
}

function timeOf(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}

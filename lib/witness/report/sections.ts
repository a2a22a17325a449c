import { Cells, NOTHING } from './cells';
import { actorText, byText } from './sentences';
import { Html, html, joined, table } from './table';
import { sceneStyle } from './timeline';
import type { Act, By, IncidentLine, StreamSession } from './types';
import { countText, durationText, lastedText, sizeText } from './words';

/** Scenes by name; a page has to hold the evening. */
const MOST_SCENES = 8;

/** The parts of the page below the timeline, each empty where there is nothing to tell. */
export class Sections extends Cells {
  all(): string {
    return [
      this.streams(),
      this.recordings(),
      this.trouble(),
      this.scenes(),
      this.outputs(),
      this.actors(),
      this.unknown(),
    ].join('\n');
  }

  private streams(): string {
    const { streams } = this.report;
    if (!streams.length) return '';
    const where = ({ target, service, server }: StreamSession): Html => {
      const name = target ?? service;
      return html`${name === null ? NOTHING : html`<br />${name}`}${server === null ? NOTHING : html`<small>${server}</small>`}`;
    };
    const sent = (one: StreamSession): Html => {
      const { sizeBytes, averageBitrateKbps, droppedFrames, totalFrames } = one;
      const lines = [
        sizeBytes === null ? null : sizeText(sizeBytes),
        averageBitrateKbps === null ? null : `${averageBitrateKbps} kbps on average`,
        droppedFrames === null || !totalFrames ? null : `${droppedFrames} of ${totalFrames} frames dropped`,
      ].filter((line) => line !== null);
      if (!lines.length) return html`<small>not told</small>`;
      return joined(lines.map((line, at) => (at === 0 ? html`${line}` : html`<small>${line}</small>`)));
    };
    const columns = [
      { name: 'Stream' },
      { name: 'From' },
      { name: 'To' },
      { name: 'Duration' },
      { name: 'Sent' },
    ];
    return `<section><h2>Live</h2>${table(columns, streams, (one) => [
      html`<b>${this.what(one)}</b>${where(one)}`,
      ...this.session(one),
      sent(one),
    ])}</section>`;
  }

  private recordings(): string {
    const { recordings, files } = this.report;
    if (!recordings.length && !files.length) return '';
    const columns = [
      { name: 'Recording' },
      { name: 'From' },
      { name: 'To' },
      { name: 'Duration' },
      { name: 'Pauses' },
    ];
    const runs = table(columns, recordings, (one) => [
      html`<b>${this.what(one)}</b>`,
      ...this.session(one),
      one.pauses.length === 0
        ? 'none'
        : html`${countText(one.pauses.length, 'pause')}<small
              >${one.pausedMs === null ? 'how long is not known' : lastedText(one.pausedMs)}</small
            >`,
    ]);
    const fileColumns = [
      { name: 'File' },
      { name: 'Recorded', style: 'num' as const },
      { name: 'Size', style: 'num' as const },
      { name: 'State' },
    ];
    const list = table(fileColumns, files, ({ path, kind, durationMs, sizeBytes, finished, reason }) => [
      html`<code>${path}</code>${reason === null ? NOTHING : html`<small>${reason}</small>`}`,
      durationMs === null ? '–' : durationText(durationMs),
      sizeBytes === null ? '–' : sizeText(sizeBytes),
      kind === 'replay'
        ? 'replay'
        : finished === true
          ? 'closed'
          : finished === false
            ? 'nobody saw it closed'
            : 'not told',
    ]);
    return `<section><h2>Recording</h2>${runs}${files.length ? `<h3>Files written</h3>${list}` : ''}</section>`;
  }

  private trouble(): string {
    const { interruptions, incidents, failures, stopAlls } = this.report;
    if (!interruptions.length && !incidents.length && !failures.length && !stopAlls.length)
      return '<section><h2>Interruptions and incidents</h2><p>None is recorded.</p></section>';
    const parts: string[] = [];
    const lost = [
      { name: 'Server lost' },
      { name: 'From' },
      { name: 'To' },
      { name: 'Duration' },
      { name: 'Outcome' },
    ];
    parts.push(
      table(
        lost,
        interruptions,
        (one) => [
          this.what(one),
          this.moment(one.begin),
          this.moment(one.end),
          this.lasted(one.durationMs),
          one.cameBack === null ? 'not recorded' : one.cameBack ? 'came back' : 'ended with the stream',
        ],
        20,
      ),
    );
    const columns = [
      { name: 'Incident' },
      { name: 'From' },
      { name: 'To' },
      { name: 'Duration' },
      { name: 'At worst' },
    ];
    const tag = ({ worst }: IncidentLine): Html =>
      new Html(
        `<span class="tag ${worst === 'critical' || worst === 'degraded' ? worst : 'plain'}">${html`${worst}`.markup}</span>`,
      );
    parts.push(
      table(
        columns,
        incidents,
        (one) => [
          html`${one.sentence}${one.detail === null ? NOTHING : html`<small>${one.detail}</small>`}`,
          this.moment(one.begin),
          one.open
            ? html`<span class="missing">still open</span><small>as the record ends</small>`
            : this.moment(one.end),
          this.lasted(one.durationMs),
          html`${tag(one)}${one.acknowledged ? html`<small>acknowledged</small>` : NOTHING}`,
        ],
        20,
      ),
    );
    const failed = [{ name: 'Failed' }, { name: 'At', style: 't' as const }, { name: 'Where' }];
    parts.push(
      table(failed, failures, ({ sentence, at, connection }) => [sentence, this.clock(at), connection], 20),
    );
    const stops = [
      { name: 'Everything stopped' },
      { name: 'At', style: 't' as const },
      { name: 'By' },
      { name: 'What ran' },
    ];
    parts.push(
      table(
        stops,
        stopAlls,
        ({ connection, at, by, outputs }) => {
          const ran = outputs.filter(({ was }) => was !== 'idle');
          const names = ran.map(({ name, state }) => (state === 'idle' ? name : `${name} (${state})`));
          return [connection, this.clock(at), byText(by), names.slice(0, 20).join(', ') || 'nothing'];
        },
        10,
      ),
    );
    return `<section><h2>Interruptions and incidents</h2>${parts.join('')}</section>`;
  }

  private scenes(): string {
    const { totals, timeline } = this.report.scenes;
    if (!totals.length) return '';
    const longest = Math.max(1, ...totals.slice(0, 12).map(({ liveMs, programMs }) => liveMs || programMs));
    const anyLive = totals.some(({ liveMs }) => liveMs > 0);
    const several = new Set(totals.map(({ connection }) => connection)).size > 1;
    const columns = [
      { name: 'Scene' },
      ...(several ? [{ name: 'Where' }] : []),
      { name: 'Times', style: 'num' as const },
      { name: anyLive ? 'While live' : 'In program', style: 'num' as const },
      { name: '' },
    ];
    const ranked = totals.slice(0, MOST_SCENES).map((one, rank) => ({ ...one, rank }));
    const list = table(
      columns,
      ranked,
      ({ scene, connection, times, liveMs, programMs, atLeast, rank }) => {
        const ms = anyLive ? liveMs : programMs;
        const width = ((ms / longest) * 100).toFixed(1);
        return [
          html`<span class="swatch ${sceneStyle(rank)}"></span>${scene}`,
          ...(several ? [connection] : []),
          String(times),
          atLeast && ms === 0 ? 'not known' : `${atLeast ? 'at least ' : ''}${durationText(ms)}`,
          html`<svg class="share" height="9">
            <rect class="back" width="100%" height="9" rx="2" />
            <rect class="${sceneStyle(rank)}" width="${width}%" height="9" rx="2" />
          </svg>`,
        ];
      },
      MOST_SCENES,
    );
    const changes = countText(
      Math.max(0, timeline.length - new Set(timeline.map(({ connection }) => connection)).size),
      'change',
    );
    return `<section><h2>Scenes</h2>${list}<p class="more">${changes} of scene${totals.length > MOST_SCENES ? `, and ${totals.length - MOST_SCENES} more scenes` : ''}.</p></section>`;
  }

  private outputs(): string {
    const { outputs } = this.report;
    const columns = [{ name: 'Other outputs' }, { name: 'From' }, { name: 'To' }, { name: 'Duration' }];
    const list = table(columns, outputs, (one) => [html`<b>${this.what(one)}</b>`, ...this.session(one)], 12);
    return list && `<section><h2>Other outputs</h2>${list}</section>`;
  }

  private actors(): string {
    const { acts } = this.report;
    if (!acts.length) return '';
    const groups = new Map<string, { by: By; what: Map<string, number>; first: Act; last: Act }>();
    for (const act of acts) {
      const { who, action, person } = act.by;
      const key = `${who}\n${action}\n${person}`;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { by: act.by, what: new Map(), first: act, last: act }));
      group.what.set(act.what, (group.what.get(act.what) ?? 0) + 1);
      group.last = act;
    }
    const several =
      new Set([...groups.values()].map(({ by }) => by.recordedBy).filter((one) => one !== null)).size > 1;
    const columns = [{ name: 'Who' }, { name: 'What' }, { name: 'When' }];
    const list = table(
      columns,
      [...groups.values()],
      ({ by, what, first, last }) => {
        const done = [...what]
          .slice(0, 6)
          .map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`));
        return [
          several && by.recordedBy !== null
            ? html`${actorText(by)}<small>recorded by “${by.recordedBy}”</small>`
            : actorText(by),
          done.join(', '),
          first === last ? this.clock(first.at) : `${this.clock(first.at)} – ${this.clock(last.at)}`,
        ];
      },
      16,
    );
    const other = acts.some(({ by }) => by.who === 'other')
      ? '<p class="more">“In the application”: no recorded node of the flow did it. Somebody did it there by hand, or a node whose messages are not recorded.</p>'
      : '';
    return `<section><h2>Who acted</h2>${list}${other}</section>`;
  }

  private unknown(): string {
    const { unknown, notes } = this.report;
    if (!unknown.length && !notes.length) return '';
    const columns = [{ name: 'What is not known' }, { name: 'From' }, { name: 'To' }, { name: 'Duration' }];
    const list = table(
      columns,
      unknown,
      ({ sentence, begin, end, durationMs }) => [
        sentence,
        this.moment(begin),
        this.moment(end),
        this.lasted(durationMs),
      ],
      15,
    );
    const remarks = notes.length
      ? `<ul>${notes
          .slice(0, 15)
          .map((note) => html`<li>${note}</li>`.markup)
          .join('')}</ul>`
      : '';
    return `<section><h2>What this record does not tell</h2>${list}${remarks}</section>`;
  }
}

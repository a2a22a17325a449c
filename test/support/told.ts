// Entries of a witness log as the package's own nodes make them, without a log: for whoever reads a show out of them.
import type { JsonValue } from '../../lib/witness/canonical';
import type { ReportEntry } from '../../lib/witness/report';
import type { VerifyReport } from '../../lib/witness/verify';

type Values = { [name: string]: JsonValue };

export const STUDIO = { application: 'obs', connection: { id: 'a1', name: 'Studio' } };
const BEGAN = Date.parse('2026-11-20T18:00:00.000Z');

/** Writes entries down as they come; times are seconds since 18:00 UTC. */
export class Told {
  readonly entries: { entry: ReportEntry }[] = [];
  /** whose messages come next */
  from: Values = STUDIO;
  src: ReportEntry['src'] = { node: 'w1', name: 'Show log' };
  /** hours and the like that are added to each time, s */
  shift = 0;

  constructor(begin = true) {
    if (!begin) return;
    this.own(0, 'log.genesis', { format: 1, origin: 'studio/live-witness/main', logId: 'ab', vkey: 'x' });
    this.own(0, 'log.open', { pid: 1, previous: 'new', size: 1, root: '' });
  }

  at(second: number): string {
    return new Date(BEGAN + (second + this.shift) * 1000).toISOString();
  }

  add(second: number, type: string, data: JsonValue): this {
    const seq = this.entries.length;
    this.entries.push({ entry: { seq, t: this.at(second), type, src: this.src, data } });
    return this;
  }

  own(second: number, type: string, data: Values): this {
    return this.add(second, type, data);
  }

  /** What an event node sends; `late`: seconds until it was recorded. */
  event(
    second: number,
    event: string,
    payload: Values = {},
    live: Values = {},
    { late = 0.01, more = {} }: { late?: number; more?: Values } = {},
  ): this {
    const told: Values = {
      event,
      at: this.at(second),
      cause: 'event',
      expected: true,
      ...this.from,
      ...live,
    };
    return this.add(second + late, event, { topic: event, payload, live: told, ...more });
  }

  /** What an action node sends on when it is done. */
  action(
    second: number,
    action: string,
    payload: JsonValue = {},
    live: Values = {},
    more: Values = {},
  ): this {
    const done: Values = { action, ...this.from, output: null, state: null, tookMs: 100, ...live };
    const type = typeof live.event === 'string' ? live.event : action;
    return this.add(second, type, { payload, live: done, ...more });
  }

  /** A stream that is confirmed five seconds after it began, as application and node tell it. */
  goLive(second: number, payload: Values = {}, more: Values = {}): this {
    const startedAt = this.at(second);
    const told = {
      output: 'stream',
      target: 'Church',
      service: 'rtmp_custom',
      server: 'rtmp://a/live',
      ...payload,
    };
    this.event(second - 0.2, 'stream_starting', told, {
      output: 'stream',
      previous: 'idle',
      state: 'starting',
    });
    this.event(
      second + 5,
      'stream_started',
      { ...told, startedAt, bitrateKbps: 2500 },
      { output: 'stream', previous: 'starting', state: 'live' },
    );
    return this.action(
      second + 5.1,
      'start-stream',
      {
        ...told,
        state: 'live',
        startedAt,
        alreadyRunning: false,
        streams: [{ ...told, state: 'live', startedAt, alreadyRunning: false }],
      },
      { event: 'stream_started', output: 'stream', state: 'live', tookMs: 5300 },
      more,
    );
  }

  endStream(second: number, final: JsonValue, byNode = true): this {
    const told = {
      output: 'stream',
      target: 'Church',
      service: 'rtmp_custom',
      server: 'rtmp://a/live',
      final,
    };
    this.event(second, 'stream_stopped', told, { output: 'stream', previous: 'stopping', state: 'idle' });
    if (byNode)
      this.action(
        second + 0.3,
        'stop-stream',
        {
          state: 'idle',
          wasRunning: true,
          final,
          streams: [{ output: 'stream', state: 'idle', wasRunning: true, final }],
        },
        { event: 'stream_stopped', output: 'stream', state: 'idle', tookMs: 900 },
      );
    return this;
  }

  scene(second: number, scene: string, from: string | null, byNode = false): this {
    this.event(second, 'scene_changed', { scene, from }, { state: scene, previous: from, expected: null });
    if (byNode)
      this.action(
        second + 0.05,
        'switch-scene',
        { from, to: scene },
        { event: 'scene_changed', state: scene, tookMs: 60 },
      );
    return this;
  }

  alert(second: number, change: string, more: Values = {}): this {
    const recovered = change === 'recovered';
    const alert: Values = {
      change,
      at: this.at(second),
      verdict: 'critical',
      score: 20,
      id: 'stream',
      cause: 'stream',
      subject: null,
      severity: more.worst ?? 'critical',
      worst: 'critical',
      since: this.at(second),
      until: null,
      durationMs: 0,
      acknowledged: false,
      rules: [],
      title: 'Stream: the server is not reached.',
      detail: 'It has been trying for 4 s.',
      advice: 'Check.',
      subjectLine: 'Stream',
      text: 'Stream',
      pictureMissing: null,
      ...more,
    };
    const event = recovered ? 'health_recovered' : 'health_alert';
    return this.add(second + 0.1, event, {
      topic: 'Stream',
      payload: 'text',
      alert,
      live: {
        event,
        at: this.at(second),
        cause: 'poll',
        expected: false,
        output: 'stream',
        state: recovered ? 'ok' : 'critical',
        ...this.from,
      },
    });
  }
}

/** What a verification of an honest log says. */
export function honest(more: Partial<VerifyReport> = {}): VerifyReport {
  const origin = 'studio.example/live-witness/main';
  return {
    valid: true,
    verdict: 'valid',
    sentence: 'The log is whole: nothing was changed, removed or added since it was written.',
    total_events: 42,
    first_hash: 'aa'.repeat(32),
    last_hash: 'bb'.repeat(32),
    broken_at: null,
    origin,
    log_id: 'ab'.repeat(16),
    vkey: `${origin}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`,
    root: 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
    checkpoint: `${origin}\n42\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— ${origin} M9e0lmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n`,
    signed_size: 42,
    cosigned_size: null,
    cosigned_by: [],
    trusted_size: null,
    closed: true,
    from: null,
    to: null,
    counts: {},
    continued_in: null,
    continues: null,
    problems: [],
    ...more,
  };
}

import { EVENT_NAMES, type EventName } from '../../production/vocabulary';
import type { Interval } from './marks';
import type { ReportEntry } from './types';
import { durationOf, countOf, flagOf, textOf, timeOf, valuesOf, type Values } from './values';

/** What one entry tells of the show, in small: entries may be many and large. */
export interface Fact {
  seq: number;
  event: EventName | null;
  /** set where an action node sent the message */
  action: string | null;
  /** when it happened, ms; of an action: when it was recorded as done */
  atMs: number;
  /** of an action: when it began */
  begunMs: number;
  tookMs: number | null;
  /** what tells connections apart */
  connection: string;
  output: string | null;
  state: string | null;
  previous: string | null;
  cause: string | null;
  expected: boolean | null;
  payload: Values;
  /** node that recorded it: id, and name */
  node: string | null;
  recordedBy: string | null;
  person: string | null;
}

/** How a connection is called: what was told last. */
export interface ConnectionNames {
  name: string | null;
  application: string | null;
}

const EVENTS: ReadonlySet<string> = new Set(EVENT_NAMES);
/** Actions that only look. */
const LOOKS = /^(?:status|preflight|snapshot|(?:health|witness)(?:-.*)?|Get\w+)$/;
const WANTED = new Set(
  'target service server startedAt final alreadyRunning wasRunning bitrateKbps outputPath format finished durationMs sizeBytes output path name was scene from to outputs stream recording message code reason error source slot fallback fallbackShown'.split(
    ' ',
  ),
);
const WANTED_OF_ALERT = new Set(
  'id change cause subject severity worst since until durationMs acknowledged title detail'.split(' '),
);
/** A message may wait this long on its way to the log, in ms; what says more has another clock. */
const MOST_LAG_MS = 600_000;
const AHEAD_MS = 2_000;
/** The same message at two witness nodes in a row. */
const TWICE_MS = 60_000;

/**
 * Takes entries one by one and keeps what they tell of the show. `facts` gives it in the order in which it happened: a message may come late,
 * and the clock may have been set back, in which case the order of the log counts.
 */
export class FactReader {
  readonly connections = new Map<string, ConnectionNames>();
  private readonly oddities: { t: number; kind: 'strange' | 'dropped'; count: number }[] = [];
  private readonly read: { fact: Fact; order: number }[] = [];
  private readonly told = new Set<string>();
  private readonly lastAction = new Map<string, { key: string; fact: Fact }>();
  private base = Number.NEGATIVE_INFINITY;

  add(entry: ReportEntry): void {
    const recordedMs = Date.parse(entry.t);
    this.base = Math.max(this.base, recordedMs);
    const data = valuesOf(entry.data);
    const live = valuesOf(data.live);
    const action = textOf(live.action);
    const event = eventOf(live.event ?? (action === null ? entry.type : null));
    const dropped = countOf(live.dropped) ?? 0;
    if (dropped > 0) this.oddities.push({ t: recordedMs, kind: 'dropped', count: dropped });
    if (event === null && (action === null || LOOKS.test(action))) return;
    const tookMs = durationOf(live.tookMs);
    const told = action === null ? timeOf(live.at) : null;
    const lag = told === null ? 0 : recordedMs - told;
    const fits = lag <= MOST_LAG_MS && lag >= -AHEAD_MS;
    if (!fits) this.oddities.push({ t: recordedMs, kind: 'strange', count: 1 });
    const isHealth = event === 'health_alert' || event === 'health_recovered';
    const alert = valuesOf(data.alert);
    const fact: Fact = {
      seq: entry.seq,
      event,
      action,
      atMs: told !== null && fits ? told : recordedMs,
      begunMs: recordedMs - (tookMs ?? 0),
      tookMs,
      connection: this.connectionOf(live),
      output: textOf(live.output),
      state: textOf(live.state),
      previous: textOf(live.previous),
      cause: textOf(live.cause),
      expected: flagOf(live.expected),
      payload: isHealth
        ? pick(textOf(alert.id) === null ? valuesOf(data.payload) : alert, WANTED_OF_ALERT)
        : Array.isArray(data.payload)
          ? { outputs: data.payload }
          : pick(valuesOf(data.payload), WANTED),
      node: textOf(entry.src.node),
      recordedBy: textOf(entry.src.name),
      person: personOf(data),
    };
    if (this.isTwice(fact, told)) return;
    this.read.push({ fact, order: this.base - (fits ? Math.max(0, lag) : 0) });
  }

  facts(): Fact[] {
    return this.read.sort((a, b) => a.order - b.order || a.fact.seq - b.fact.seq).map(({ fact }) => fact);
  }

  /** In this time: messages whose own time cannot be meant for this clock, and events that the limit of an event node left out. */
  odd({ from, to }: Interval): { strange: number; dropped: number } {
    const out = { strange: 0, dropped: 0 };
    for (const { t, kind, count } of this.oddities) if (t >= from && t <= to) out[kind] += count;
    return out;
  }

  private connectionOf(live: Values): string {
    const connection = valuesOf(live.connection);
    const application = textOf(live.application);
    const name = textOf(connection.name);
    const id = textOf(connection.id);
    const key = id === null ? `${application ?? ''}/${name ?? ''}` : `#${id}`;
    if (key !== '/') this.connections.set(key, { name, application });
    return key;
  }

  /** Whether it was read already: the same message at two witness nodes, or by two ways. */
  private isTwice(fact: Fact, toldMs: number | null): boolean {
    const { event, action, connection, output, payload } = fact;
    if (action === null) {
      if (toldMs === null) return false;
      const incident = [payload.id, payload.change].map((one) => textOf(one)).join();
      const key = `${event} ${connection} ${output} ${toldMs} ${incident}`;
      if (this.told.has(key)) return true;
      this.told.add(key);
      return false;
    }
    const key = JSON.stringify([action, output, fact.tookMs, payload]);
    const before = this.lastAction.get(connection);
    this.lastAction.set(connection, { key, fact });
    return before?.key === key && before.fact.node !== fact.node && fact.atMs - before.fact.atMs < TWICE_MS;
  }
}

function eventOf(value: unknown): EventName | null {
  return typeof value === 'string' && EVENTS.has(value) ? (value as EventName) : null;
}

function pick(values: Values, wanted: ReadonlySet<string>): Values {
  const out: Record<string, unknown> = {};
  for (const name of wanted) if (Object.hasOwn(values, name)) out[name] = values[name];
  return out;
}

/** `user` or `operator`, as a text or as an object that has a name. */
function personOf(data: Values): string | null {
  for (const said of [data.user, data.operator]) {
    const { name, username, email, id } = valuesOf(said);
    for (const one of [said, name, username, email, id]) {
      const text = textOf(one);
      if (text !== null) return text.slice(0, 80);
    }
  }
  return null;
}

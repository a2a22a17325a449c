import type { Release } from '../production/application';
import type { Asked, VmixChange } from './changes';
import { channelOfValue, outputOfValue } from './functions/numbers';
import type { FunctionCall } from './functions/query';
import type { VmixState } from './state-types';
import { OTHER_OUTPUTS, runningThings, srtThing, streamThing, type Thing } from './things';

/** A start or stop that shows no effect within this long had none; what happens later, somebody else did. */
const COUNTS_MS = 30_000;
/** A stop that finds nothing to stop, as one of everything does: this much later it is no reason for an end any more. */
const NOTHING_TO_DO_MS = 2_000;

/** What a function starts and stops, so that its effect is told as expected; a toggle may do either. Pure. */
export function askedBy(call: FunctionCall, state: VmixState | null): { starts: Thing[]; stops: Thing[] } {
  const name = call.name.trim().toLowerCase();
  if (/^(open|last)preset$/.test(name))
    return { starts: [], stops: state ? [...runningThings(state).keys()] : [] };
  const [, verb = '', what = ''] =
    /^(start|stop|startstop)(streaming|srtoutput|recording|external|multicorder)$/.exec(name) ?? [];
  const fullscreen = /^fullscreen(on|off|)$/.exec(name)?.[1];
  const things =
    fullscreen === undefined
      ? thingsOf(what, call.value === undefined ? '' : String(call.value), state)
      : ['fullscreen'];
  return {
    starts: /^start/.test(verb) || fullscreen === 'on' || fullscreen === '' ? things : [],
    stops: /stop$/.test(verb) || fullscreen === 'off' || fullscreen === '' ? things : [],
  };
}

function thingsOf(what: string, value: string, state: VmixState | null): Thing[] {
  if (what === 'recording') return ['recording'];
  if ((OTHER_OUTPUTS as readonly string[]).includes(what)) return [what];
  if (what === 'srtoutput') {
    const output = outputOfValue(value);
    return output === null ? [] : [srtThing(output)];
  }
  if (what !== 'streaming') return [];
  const channel = channelOfValue(value);
  const count = state?.streaming.channelCount ?? 5;
  const channels = channel === null ? Array.from({ length: count }, (_, index) => index + 1) : [channel];
  // an old vMix does not name the channel
  return [...channels.map(streamThing), 'stream'];
}

/** Remembers what was asked for until it is seen. Pure: the caller passes the time, in milliseconds. */
export class AskedBook {
  private readonly starts = new Map<Thing, number>();
  private readonly stops = new Map<Thing, number>();
  private readonly confirming = new Map<Thing, number>();

  /**
   * A start of what is off by `state`, the last one read, makes an older stop count no more, and the other way round. What it gives
   * takes it back, where nobody has asked for the same since.
   */
  note(
    { starts, stops }: { starts: readonly Thing[]; stops: readonly Thing[] },
    atMs: number,
    state: VmixState | null = null,
  ): () => void {
    const running = state ? runningThings(state) : new Map<Thing, boolean | null>();
    const noted = [
      ...starts.map((one) => [this.starts, one] as const),
      ...stops.map((one) => [this.stops, one] as const),
    ];
    const over = [
      ...starts.filter((one) => running.get(one) === false).map((one) => [this.stops, one] as const),
      ...stops.filter((one) => running.get(one) === true).map((one) => [this.starts, one] as const),
    ].flatMap(([book, thing]) => (book.has(thing) ? [[book, thing, book.get(thing)!] as const] : []));
    for (const [book, thing] of over) book.delete(thing);
    for (const [book, thing] of noted) book.set(thing, atMs);
    return () => {
      for (const [book, thing] of noted) if (book.get(thing) === atMs) book.delete(thing);
      for (const [book, thing, since] of over) if (!book.has(thing)) book.set(thing, since);
    };
  }

  /** From now on until released, whoever calls this tells of the start of this thing. */
  confirm(thing: Thing): Release {
    this.confirming.set(thing, (this.confirming.get(thing) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.confirming.get(thing) ?? 1) - 1;
      if (left > 0) this.confirming.set(thing, left);
      else this.confirming.delete(thing);
    };
  }

  current(atMs: number): Asked {
    const fresh = (asked: Map<Thing, number>) =>
      new Set([...asked].filter(([, since]) => atMs - since < COUNTS_MS).map(([thing]) => thing));
    return {
      starts: fresh(this.starts),
      stops: fresh(this.stops),
      confirming: new Set(this.confirming.keys()),
    };
  }

  /** These happened: who asked for them got them. `state` was asked for at `askedAtMs`. */
  seen(changes: readonly VmixChange[], state: VmixState, askedAtMs: number): void {
    for (const { event, output } of changes) {
      if (output === null) continue;
      if (/_(stopped|failed)$/.test(event)) this.stops.delete(output);
      if (/_(started|failed)$/.test(event)) this.starts.delete(output);
    }
    for (const [thing, runs] of runningThings(state)) {
      if (runs === null) continue;
      const book = runs ? this.starts : this.stops;
      if (askedAtMs - (book.get(thing) ?? Infinity) >= NOTHING_TO_DO_MS) book.delete(thing);
    }
  }
}

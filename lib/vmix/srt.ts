import { isoTime, now } from '../connection/clock';
import { fail } from '../errors';
import type { SrtOutputs, SrtReport, SrtState, SrtWhich, SrtWish } from '../production/srt';
import { shownPlace, type SrtPlace } from '../production/srt-address';
import type { VmixClient } from './client';
import { freshState, sendAndSee } from './confirm';
import { outputValue } from './functions/numbers';
import { switchOff, switchOn, type OnOff, type Switched } from './on-off';
import { srtOf } from './state';
import type { VmixState } from './state-types';
import { srtOutputOf, srtThing } from './things';
import type { Turns } from './turns';

/** Until the document shows it. */
const CHANGE_MS = 10_000;
/** The functions came with 24, the state with 28. Source: the function lists of vMix, and its documents. */
const SINCE = { functions: 24, state: 28 };
const OUTPUTS = [1, 2, 3, 4];
const UNTOLD = 'vMix does not tell: it shows only whether SRT is on';

/** SRT of the outputs of a vMix that are set up there: on, off, and what it shows of them. */
export class VmixSrt implements SrtOutputs {
  private readonly startedAtMs = new Map<number, number>();

  constructor(
    private readonly client: VmixClient,
    private readonly turns: Turns,
  ) {
    client.onNews(({ changes }) => {
      for (const { event, output } of changes) {
        const number = output === null ? null : srtOutputOf(output);
        if (number === null) continue;
        if (event === 'srt_stream_started') this.startedAtMs.set(number, now());
        else this.startedAtMs.delete(number);
      }
    });
  }

  states(): SrtState[] {
    const { state } = this.client;
    return OUTPUTS.map((output) => {
      const runs = state ? srtOf(state, output) : null;
      const under = this.turns.present(srtThing(output));
      const doing = under === 'start' ? 'starting' : under === 'stop' ? 'stopping' : 'idle';
      return { output: srtThing(output), state: runs === null ? 'unknown' : runs ? 'live' : doing };
    });
  }

  /** Start, confirmed where this vMix shows it. Rejects with SRT_NEVER_CAME_ON. */
  async start({ which, place }: SrtWish): Promise<SrtReport> {
    const output = outputOf(which);
    const before = await this.usable();
    if (!shows(before)) return this.unseen(output, true, place);
    const { was, after } = await switchOn(this.client, this.turns, this.onOff(output));
    if (!after) throw fail('SRT_NEVER_CAME_ON', { output, seconds: CHANGE_MS / 1000 });
    return this.report(output, place, { state: 'live', alreadyRunning: was === true });
  }

  /** Stop, confirmed where this vMix shows it; a start that is under way is cancelled. Rejects with SRT_STOP_TIMEOUT. */
  async stop(which: SrtWhich): Promise<SrtReport> {
    const output = outputOf(which);
    const before = await this.usable();
    if (!shows(before)) return this.unseen(output, false, null);
    const { after, ran }: Switched = await switchOff(this.client, this.turns, this.onOff(output));
    if (!after) throw fail('SRT_STOP_TIMEOUT', { seconds: CHANGE_MS / 1000 });
    return this.report(output, null, { state: 'idle', wasRunning: ran });
  }

  async arm(): Promise<SrtReport> {
    return Promise.reject(nothingToArm());
  }

  async disarm(): Promise<SrtReport> {
    return Promise.reject(nothingToArm());
  }

  /** Starts of these outputs, or of all, that are under way here are not wanted any more. */
  cancelStarts(outputs: readonly number[] = OUTPUTS): void {
    for (const output of outputs) this.turns.cancel(srtThing(output), 'start');
  }

  private onOff(output: number): OnOff {
    return {
      thing: srtThing(output),
      start: 'StartSRTOutput',
      stop: 'StopSRTOutput',
      value: outputValue(output),
      runs: (state) => srtOf(state, output),
      startMs: CHANGE_MS,
      stopMs: CHANGE_MS,
      cancelled: () => fail('SRT_START_CANCELLED'),
      busy: (action) => fail('SRT_BUSY', { action }),
    };
  }

  /** Where vMix shows nothing, nothing is confirmed. */
  private async unseen(output: number, on: boolean, place: SrtPlace | null): Promise<SrtReport> {
    const name = on ? 'StartSRTOutput' : 'StopSRTOutput';
    const thing = srtThing(output);
    if (!on) this.turns.cancel(thing, 'start');
    const work = (signal: AbortSignal) =>
      sendAndSee(this.client, { name, value: outputValue(output) }, (state) => state, {
        ms: CHANGE_MS,
        priority: on ? undefined : 'stop',
        signal,
        cancelled: () => fail('SRT_START_CANCELLED'),
      });
    await this.turns.take(thing, on ? 'start' : 'stop', work);
    const version = this.client.state?.version.text ?? 'this version';
    const report = this.report(output, place, { state: 'unknown', confirmedBy: null });
    report.unknown.state = `vMix ${version} accepted it, and shows nothing of SRT: that came with vMix ${SINCE.state}`;
    return report;
  }

  private async usable(): Promise<VmixState> {
    await this.client.whenReady(0);
    const state = await freshState(this.client);
    if (state.version.major < SINCE.functions)
      throw fail('CAPABILITY_MISSING', {
        application: `vMix ${state.version.text}`,
        action: 'SRT on and off for others',
        advice: `That came with vMix ${SINCE.functions}.`,
      });
    return state;
  }

  private report(output: number, place: SrtPlace | null, more: Partial<SrtReport>): SrtReport {
    const live = more.state === 'live';
    const startedAtMs = live ? this.startedAtMs.get(output) : undefined;
    const noted = place ? shownPlace(place) : null;
    const unknown: Record<string, string> = {};
    if (live) unknown.bitrateKbps = UNTOLD;
    if (live && startedAtMs === undefined) unknown.startedAt = 'it ran before this connection';
    if (live && !noted) unknown.address = unknown.mode = unknown.latencyMs = UNTOLD;
    return {
      output: srtThing(output),
      state: 'idle',
      mode: noted?.mode ?? null,
      address: noted?.address ?? null,
      latencyMs: noted?.latencyMs ?? null,
      startedAt: startedAtMs === undefined ? null : isoTime(startedAtMs),
      bitrateKbps: null,
      confirmedBy: 'application',
      alreadyRunning: false,
      unknown,
      ...more,
    };
  }
}

function shows(state: VmixState): boolean {
  return OUTPUTS.some((output) => srtOf(state, output) !== null);
}

function outputOf(which: SrtWhich): number {
  if (which.as === 'output') return which.output;
  throw fail('INPUT_INVALID', { field: 'output', reason: 'vMix sends SRT from its outputs 1 to 4' });
}

function nothingToArm() {
  return fail('CAPABILITY_MISSING', {
    application: 'vMix',
    action: 'arming',
    advice: 'Its SRT outputs are set up in vMix itself; start and stop is all there is.',
  });
}

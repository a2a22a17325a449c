import { byOf } from './by';
import type { Fact } from './facts';
import { iso } from './marks';
import type { Act, StopAll } from './types';
import { textOf, valuesOf, type Values } from './values';

/** What somebody did, by the event that shows it. */
const WHAT: Partial<Record<string, string>> = {
  stream_started: 'stream started',
  stream_stopped: 'stream stopped',
  recording_started: 'recording started',
  recording_paused: 'recording paused',
  recording_resumed: 'recording resumed',
  recording_file_changed: 'recording went on in a new file',
  recording_stopped: 'recording stopped',
  virtualcam_started: 'virtual camera started',
  virtualcam_stopped: 'virtual camera stopped',
  output_started: 'output started',
  output_stopped: 'output stopped',
  replay_saved: 'replay saved',
  scene_changed: 'scene changed',
  source_switched: 'source switched',
  emergency_stop_all: 'everything stopped (stop-all)',
};
/** By the node, where nothing changed by it. */
const ASKED: Partial<Record<string, string>> = {
  'start-stream': 'stream start asked for: it was live already',
  'stop-stream': 'stream stop asked for: nothing was live',
  'record-start': 'recording start asked for: it ran already',
  'record-stop': 'recording stop asked for: nothing was recording',
  'record-pause': 'recording pause asked for: it was paused already',
  'record-resume': 'recording resume asked for: it was not paused',
  'record-chapter': 'chapter marked in the recording',
  'switch-scene': 'scene put into the preview, or it was in program already',
  'stop-all': 'stop-all is under way, or not everything could be stopped',
};
/** A node's word comes after the application's, once it is confirmed and has gone through the flow. */
const LATE_MS = 10_000;
const BEFORE_MS = 2_000;
/** Acts of one connection and event among which the other word of the same act is looked for. */
const LOOK_BACK = 8;

/** An act and the message that told of it first. */
interface Latest {
  act: Act;
  fact: Fact;
  /** both words of it have come */
  paired: boolean;
}

/** Lists what was done and by whom; the application's word and the node's of one act are one. */
export class ActBook {
  readonly all: (Act & { key: string })[] = [];
  readonly stopAlls: (StopAll & { key: string })[] = [];
  private readonly latest = new Map<string, Latest[]>();

  take(fact: Fact): void {
    const { event, action, cause } = fact;
    const what = event === null ? null : WHAT[event];
    if (what === undefined || cause === 'startup' || (event === null && action === null)) return;
    if (event === 'emergency_stop_all' || action === 'stop-all') this.stopAll(fact);
    if (event !== null && this.pair(fact)) return;
    this.push(fact, what ?? ASKED[action!] ?? `OBS request ${action}`);
  }

  private push(fact: Fact, what: string): void {
    const { atMs, connection, output, payload, seq, tookMs, event } = fact;
    const scene =
      event === 'scene_changed' ? (textOf(payload.scene) ?? textOf(payload.to) ?? fact.state) : null;
    const source = event === 'source_switched' ? sourceOf(payload) : null;
    const path = event === 'replay_saved' || event === 'recording_file_changed';
    const detail = scene ?? source ?? (path ? (textOf(payload.path) ?? textOf(payload.outputPath)) : null);
    const act = {
      key: connection,
      at: iso(atMs),
      connection,
      output,
      event,
      what,
      detail,
      by: byOf(fact),
      tookMs,
      seq,
    };
    this.all.push(act);
    if (event === null) return;
    const key = keyOf(fact);
    let latest = this.latest.get(key);
    if (!latest) this.latest.set(key, (latest = []));
    latest.push({ act, fact, paired: false });
    if (latest.length > LOOK_BACK) latest.shift();
  }

  /** Whether the other word of this act is there already; it takes over what this one knows better. */
  private pair(fact: Fact): boolean {
    const one = this.latest.get(keyOf(fact))?.find((other) => isOther(other, fact));
    if (!one) return false;
    one.paired = true;
    const { act } = one;
    if (fact.action === null) {
      act.at = iso(fact.atMs);
      return true;
    }
    act.by = byOf(fact);
    act.tookMs = fact.tookMs;
    return true;
  }

  private stopAll(fact: Fact): void {
    const { connection, atMs, payload, tookMs } = fact;
    const outputs = (Array.isArray(payload.outputs) ? payload.outputs : [])
      .slice(0, 200)
      .map((one: unknown) => {
        const { name, was, state, path, error } = valuesOf(one);
        return {
          name: textOf(name) ?? '?',
          was: textOf(was) ?? 'unknown',
          state: textOf(state) ?? 'unknown',
          path: textOf(path),
          error: textOf(valuesOf(error).message) ?? textOf(error),
        };
      });
    const before = this.stopAlls.findLast((one) => one.key === connection);
    // begun and ended, told by the application and by the node: one stop
    if (before && Date.parse(before.at) >= fact.begunMs - LATE_MS) {
      if (outputs.length) before.outputs = outputs;
      if (fact.action !== null) before.by = byOf(fact);
      before.tookMs = tookMs ?? before.tookMs;
      return;
    }
    this.stopAlls.push({ key: connection, at: iso(atMs), connection, by: byOf(fact), tookMs, outputs });
  }
}

/** Whether the application's word and the node's are of the same act. */
function isOther({ fact: before, paired }: Latest, { action, atMs, begunMs, payload }: Fact): boolean {
  if (paired || (before.action === null) === (action === null)) return false;
  const [one, other] = [textOf(before.payload.startedAt), textOf(payload.startedAt)];
  // no matter how long the message was on its way
  if (one !== null && other !== null) return one === other;
  if (action === null) return Math.abs(atMs - before.atMs) < LATE_MS;
  return before.atMs >= begunMs - BEFORE_MS;
}

/** Which source is on air now, and where. */
function sourceOf(payload: Values): string | null {
  const [source, scene] = [textOf(payload.source), textOf(payload.scene)];
  return scene === null ? source : `${source ?? 'a source'} in ${scene}`;
}

function keyOf({ event, connection, output, payload, state }: Fact): string {
  // several switches may be under way at once
  const scene = event === 'scene_changed' ? (textOf(payload.scene) ?? textOf(payload.to) ?? state) : '';
  const named = event === 'emergency_stop_all' ? '' : output;
  const source = event === 'source_switched' ? textOf(payload.source) : '';
  return `${event}\n${connection}\n${named}\n${scene}\n${source}`;
}

import { Emitter } from '../connection/emitter';
import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { OutputReport, Outputs } from '../production/application';
import type { OutputState } from '../production/vocabulary';
import type { ObsClient } from './client';
import type { EventHub, Told } from '../production/event-hub';
import { refusedWith, type RequestData } from './session';
import { Status } from './status-codes';
import { untilChanged } from './until';
import { objects, text } from './values';

const CHANGE_MS = 5_000;
const POLL_MS = 250;
/** Outputs that belong to the stream and the recording, which have nodes of their own. Kinds: OBS 29 to 32. */
const STREAM_KINDS = /^(rtmp_output|ffmpeg_mpegts_muxer|whip_output|ffmpeg_hls_muxer|ftl_output)$/;
const STREAM_NAMES = /^((simple|adv)_stream(_?\d+)?|rtmp multitrack video)$/;
const RECORD_NAMES = /^(simple|adv)_(file|ffmpeg)_output$/;

/** Whether this output is the stream, by its kind or its name. */
export function isStreamOutput(name: string, kind: string | null = null): boolean {
  return STREAM_NAMES.test(name) || (kind !== null && STREAM_KINDS.test(kind));
}

interface Special {
  status: string;
  start: string;
  stop: string;
  event: string;
  unavailable: string;
  silent: string;
}

const SPECIAL: Record<string, Special> = {
  virtualcam: {
    status: 'GetVirtualCamStatus',
    start: 'StartVirtualCam',
    stop: 'StopVirtualCam',
    event: 'VirtualcamStateChanged',
    unavailable:
      'On Linux the virtual camera needs the kernel module v4l2loopback; on Windows and macOS it comes with OBS.',
    silent: 'Is another program holding the virtual camera?',
  },
  replay_buffer: {
    status: 'GetReplayBufferStatus',
    start: 'StartReplayBuffer',
    stop: 'StopReplayBuffer',
    event: 'ReplayBufferStateChanged',
    unavailable: 'Switch it on in OBS under Settings, Output, Replay Buffer.',
    silent: 'A replay buffer needs a source in the scene; look for a dialog in the OBS window.',
  },
};

/** Virtual camera, replay buffer and outputs by name, confirmed. */
export class ObsOutputs implements Outputs {
  private readonly states = new Map<string, OutputState>();
  private readonly changed: Emitter<void>;
  private lastReplay: string | null = null;
  private replaysSaved = 0;

  constructor(
    private readonly client: ObsClient,
    private readonly hub: EventHub,
    onListenerError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onListenerError);
    for (const [name, { event }] of Object.entries(SPECIAL))
      client.on(event, (data) => this.onState(name, data));
    client.on('ReplayBufferSaved', (data) => {
      this.lastReplay = text(data.savedReplayPath);
      this.replaysSaved++;
      hub.tell({
        event: 'replay_saved',
        output: 'replay_buffer',
        payload: { output: 'replay_buffer', path: this.lastReplay },
      });
      this.changed.tell();
    });
    hub.addPresent(() =>
      [...this.states].map(([name, state]) => this.told(name, state, null)).filter((told) => told !== null),
    );
  }

  /** The first status of a connection; null where this OBS has no such output. */
  resync(name: string, active: boolean | null): void {
    const state: OutputState = active === null ? 'unknown' : active ? 'active' : 'idle';
    const before = this.states.get(name);
    if (active === null) this.states.delete(name);
    else this.states.set(name, state);
    if (before !== undefined && before !== state && active !== null) {
      const told = this.told(name, state, before);
      if (told) this.hub.tell({ ...told, cause: 'resync', expected: null });
    }
  }

  lost(): void {
    this.changed.tell();
  }

  async start(name: string): Promise<OutputReport> {
    return Object.hasOwn(SPECIAL, name) ? this.change(name, true) : this.changeByName(name, true);
  }

  async stop(name: string): Promise<OutputReport> {
    return Object.hasOwn(SPECIAL, name) ? this.change(name, false) : this.changeByName(name, false);
  }

  async save(): Promise<OutputReport> {
    const name = 'replay_buffer';
    const was = await this.special(name);
    if (was !== 'active')
      throw fail('OUTPUT_SILENT_NOOP', {
        application: 'OBS',
        action: 'save',
        output: name,
        advice: 'The replay buffer is not running: start it first.',
      });
    const before = this.replaysSaved;
    await this.client.call('SaveReplayBuffer');
    const saved = await this.until(() => (this.replaysSaved > before ? true : undefined));
    if (!saved)
      throw fail('OUTPUT_TIMEOUT', {
        output: name,
        seconds: CHANGE_MS / 1000,
        state: 'running, and told of no file',
      });
    return { name, was, state: 'active', path: this.lastReplay };
  }

  async list(): Promise<{ name: string; kind: string; state: OutputState }[]> {
    const { outputs } = await this.client.call('GetOutputList');
    return objects(outputs).map((output) => ({
      name: text(output.outputName) ?? '',
      kind: text(output.outputKind) ?? '',
      state: output.outputActive === true ? 'active' : 'idle',
    }));
  }

  private async change(name: string, on: boolean): Promise<OutputReport> {
    const special = SPECIAL[name]!;
    const was = await this.special(name);
    const wanted: OutputState = on ? 'active' : 'idle';
    if (was === wanted) return { name, was, state: wanted, path: null };
    await this.client.call(on ? special.start : special.stop).catch((error: unknown) => {
      if (refusedWith(error, Status.InvalidResourceState))
        throw fail('OUTPUT_UNAVAILABLE', { output: name, advice: special.unavailable }, error);
      if (!refusedWith(error, on ? Status.OutputRunning : Status.OutputNotRunning)) throw error;
    });
    const until = now() + CHANGE_MS;
    await this.until(() => (this.states.get(name) === wanted ? true : undefined));
    let state = await this.special(name);
    while (state !== wanted && now() < until) {
      await pause(POLL_MS);
      state = await this.special(name);
    }
    if (state !== wanted)
      throw fail('OUTPUT_SILENT_NOOP', {
        application: 'OBS',
        action: on ? 'the start' : 'the stop',
        output: name,
        advice: special.silent,
      });
    return { name, was, state, path: null };
  }

  private async changeByName(name: string, on: boolean): Promise<OutputReport> {
    const known = await this.list();
    const found = known.find((output) => output.name === name);
    if (!found)
      throw fail('OUTPUT_UNKNOWN', {
        application: 'OBS',
        output: name,
        known: known.map((output) => output.name).join(', ') || 'none yet',
      });
    if (isStreamOutput(name, found.kind))
      throw fail('INPUT_INVALID', {
        field: 'output',
        reason: `"${name}" is the stream: use start stream and stop stream, which confirm it`,
      });
    if (RECORD_NAMES.test(name))
      throw fail('INPUT_INVALID', {
        field: 'output',
        reason: `"${name}" is the recording: use record, which confirms it`,
      });
    const wanted: OutputState = on ? 'active' : 'idle';
    const was = found.state;
    if (was === wanted) return { name, was, state: wanted, path: null };
    await this.client
      .call(on ? 'StartOutput' : 'StopOutput', { outputName: name })
      .catch((error: unknown) => {
        if (!refusedWith(error, on ? Status.OutputRunning : Status.OutputNotRunning)) throw error;
      });
    const until = now() + CHANGE_MS;
    for (;;) {
      const { outputActive } = await this.client.call('GetOutputStatus', { outputName: name });
      if ((outputActive === true) === on) break;
      if (now() > until)
        throw fail('OUTPUT_TIMEOUT', {
          output: name,
          seconds: CHANGE_MS / 1000,
          state: on ? 'still off' : 'still on',
        });
      await pause(POLL_MS);
    }
    const event = on ? 'output_started' : 'output_stopped';
    this.hub.tell({
      event,
      expected: true,
      output: name,
      state: wanted,
      previous: was,
      payload: { output: name, kind: found.kind },
    });
    return { name, was, state: wanted, path: null };
  }

  private async special(name: string): Promise<OutputState> {
    const { status, unavailable } = SPECIAL[name]!;
    try {
      const { outputActive } = await this.client.call(status);
      return outputActive === true ? 'active' : 'idle';
    } catch (error) {
      if (refusedWith(error, Status.InvalidResourceState))
        throw fail('OUTPUT_UNAVAILABLE', { output: name, advice: unavailable }, error);
      throw error;
    }
  }

  private onState(name: string, data: RequestData): void {
    const signal = String(data.outputState).replace(/^OBS_WEBSOCKET_OUTPUT_/, '');
    const state = (
      { STARTING: 'starting', STARTED: 'active', STOPPING: 'stopping', STOPPED: 'idle' } as Record<
        string,
        OutputState | undefined
      >
    )[signal];
    if (!state) return;
    const before = this.states.get(name) ?? null;
    this.states.set(name, state);
    const told = this.told(name, state, before);
    if (told && before !== state) this.hub.tell({ ...told, expected: true });
    this.changed.tell();
  }

  private told(name: string, state: OutputState, previous: OutputState | null): Told | null {
    if (state !== 'active' && state !== 'idle') return null;
    const on = state === 'active';
    const event =
      name === 'virtualcam'
        ? on
          ? 'virtualcam_started'
          : 'virtualcam_stopped'
        : on
          ? 'output_started'
          : 'output_stopped';
    return { event, output: name, state, previous, payload: { output: name } };
  }

  private until<T>(look: () => T | undefined): Promise<T | null> {
    return untilChanged(this.changed, look, CHANGE_MS, () => {
      if (this.client.status.state !== 'ready')
        throw fail('OBS_DISCONNECTED', { where: this.client.where, action: 'the output action' });
    });
  }
}

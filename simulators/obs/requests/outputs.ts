import { Refusal } from '../fields';
import type { Data } from '../fields';
import { timecode } from '../meter';
import type { Studio } from '../studio';
import { Status } from '../tables/codes';
import type { Call, Handler } from './handler';

interface Output {
  name: string;
  kind: string;
  active: boolean;
  /** OBS knows no size before the first start */
  sized: boolean;
  flags: string;
  status: () => Data;
  start: () => void;
  stop: () => void;
}

const FLAGS = ['AUDIO', 'ENCODED', 'MULTI_TRACK', 'SERVICE', 'VIDEO'];

/** The outputs that exist in this profile right now. */
export function outputs(studio: Studio): Output[] {
  const { stream, record, replay, camera, profiles } = studio;
  const { started } = profiles.current;
  const idle = (active: boolean, bytes = 0, durationMs = 0, frames = 0): Data => ({
    outputActive: active,
    outputBytes: bytes,
    outputCongestion: 0,
    outputDuration: durationMs,
    outputReconnecting: false,
    outputSkippedFrames: 0,
    outputTimecode: timecode(durationMs),
    outputTotalFrames: frames,
  });
  const list: Output[] = [];
  if (started.has(stream.name)) {
    list.push({
      name: stream.name,
      kind: stream.target?.kind ?? 'rtmp_output',
      active: stream.outputActive,
      sized: true,
      flags: 'AUDIO ENCODED MULTI_TRACK SERVICE VIDEO',
      status: () => stream.status(),
      start: () => stream.start(true),
      stop: () => (stream.frontendActive ? stream.stop() : undefined),
    });
  }
  list.push({
    name: record.name,
    kind: profiles.custom ? 'ffmpeg_output' : 'ffmpeg_muxer',
    active: record.outputActive,
    sized: started.has(record.name),
    flags: 'AUDIO ENCODED MULTI_TRACK VIDEO',
    status: () => {
      const status = record.status();
      const duration = Number(status.outputDuration);
      return idle(record.outputActive, Number(status.outputBytes), duration, record.totalFrames);
    },
    start: () => record.start(true),
    stop: () => (record.frontendActive ? void record.stop() : undefined),
  });
  if (replay.available) {
    list.push({
      name: 'Replay Buffer',
      kind: 'replay_buffer',
      active: replay.active,
      sized: started.has('Replay Buffer'),
      flags: 'AUDIO ENCODED MULTI_TRACK VIDEO',
      status: () => {
        const { totalBytes, durationMs, totalFrames } = replay.meter;
        return idle(replay.active, totalBytes, replay.active ? durationMs : 0, totalFrames);
      },
      start: () => replay.start(),
      stop: () => replay.stop(),
    });
  }
  if (camera.available) {
    list.push({
      name: 'virtualcam_output',
      kind: 'virtualcam_output',
      active: camera.active,
      sized: true,
      flags: 'VIDEO',
      status: () => idle(camera.active),
      start: () => camera.start(),
      stop: () => camera.stop(),
    });
  }
  return list;
}

function output(call: Call): Output {
  const name = call.fields.string('outputName');
  const found = outputs(call.studio).find((candidate) => candidate.name === name);
  if (!found) throw new Refusal(Status.NotFound, `No output was found with the name \`${name}\`.`);
  return found;
}

/** Output requests: the list, any output by name, virtual camera and replay buffer. */
export const outputRequests: Record<string, Handler> = {
  GetOutputList: ({ studio }) => {
    const { outputWidth, outputHeight } = studio.profiles.video;
    return {
      outputs: outputs(studio).map(({ name, kind, active, sized, flags }) => ({
        outputActive: active,
        outputFlags: Object.fromEntries(
          FLAGS.map((flag) => [`OBS_OUTPUT_${flag}`, flags.split(' ').includes(flag)]),
        ),
        outputHeight: sized ? outputHeight : 0,
        outputKind: kind,
        outputName: name,
        outputWidth: sized ? outputWidth : 0,
      })),
    };
  },

  GetOutputStatus: (call) => output(call).status(),

  StartOutput: (call) => {
    const found = output(call);
    if (found.active) throw new Refusal(Status.OutputRunning);
    found.start();
  },

  StopOutput: (call) => {
    const found = output(call);
    if (!found.active) throw new Refusal(Status.OutputNotRunning);
    found.stop();
  },

  ToggleOutput: (call) => {
    const found = output(call);
    if (found.active) found.stop();
    else found.start();
    return { outputActive: !found.active };
  },

  GetOutputSettings: (call) => {
    const { kind } = output(call);
    const rtmp = {
      bind_ip: 'default',
      dyn_bitrate: false,
      low_latency_mode_enabled: false,
      new_socket_loop_enabled: false,
    };
    return { outputSettings: kind === 'rtmp_output' ? rtmp : {} };
  },

  SetOutputSettings: (call) => {
    output(call);
    call.fields.object('outputSettings', true);
  },

  GetVirtualCamStatus: ({ studio: { camera } }) => {
    camera.need();
    return { outputActive: camera.active };
  },

  StartVirtualCam: ({ studio }) => studio.camera.start(),

  StopVirtualCam: ({ studio }) => studio.camera.stop(),

  ToggleVirtualCam: ({ studio: { camera } }) => {
    camera.need();
    const outputActive = !camera.active;
    if (outputActive) camera.start();
    else camera.stop();
    return { outputActive };
  },

  GetReplayBufferStatus: ({ studio: { replay } }) => {
    replay.need();
    return { outputActive: replay.active };
  },

  StartReplayBuffer: ({ studio }) => studio.replay.start(),

  StopReplayBuffer: ({ studio }) => studio.replay.stop(),

  ToggleReplayBuffer: ({ studio: { replay } }) => {
    replay.need();
    const outputActive = !replay.active;
    if (outputActive) replay.start();
    else replay.stop();
    return { outputActive };
  },

  SaveReplayBuffer: ({ studio }) => studio.replay.save(),

  GetLastReplayBufferReplay: ({ studio: { replay } }) => {
    replay.need();
    if (!replay.active) throw new Refusal(Status.OutputNotRunning);
    return { savedReplayPath: replay.lastPath };
  },
};

import { Refusal } from '../fields';
import type { Data } from '../fields';
import { Status } from '../tables/codes';
import { audible, input } from './handler';
import type { Call, Handler } from './handler';
import { volumeFields, wantedVolume } from './inputs';

const MONITOR_TYPES = ['NONE', 'MONITOR_ONLY', 'MONITOR_AND_OUTPUT'].map(
  (type) => `OBS_MONITORING_TYPE_${type}`,
);

function tell(
  { studio: { production } }: Call,
  type: string,
  changed: ReturnType<typeof input>,
  data: Data,
): void {
  production.emit(type, { ...data, ...production.named('input', changed) });
}

/** Sound of inputs. OBS checks the fields first and then whether the input has sound, but for the volume. */
export const audio: Record<string, Handler> = {
  GetInputMute: (call) => ({ inputMuted: audible(call).muted }),

  SetInputMute: (call) => {
    input(call);
    const inputMuted = call.fields.boolean('inputMuted');
    const changed = audible(call);
    changed.muted = inputMuted;
    tell(call, 'InputMuteStateChanged', changed, { inputMuted });
  },

  ToggleInputMute: (call) => {
    const changed = audible(call);
    changed.muted = !changed.muted;
    tell(call, 'InputMuteStateChanged', changed, { inputMuted: changed.muted });
    return { inputMuted: changed.muted };
  },

  GetInputVolume: (call) => volumeFields(audible(call).volume),

  SetInputVolume: (call) => {
    const changed = audible(call);
    const multiplier = call.fields.optionalNumber('inputVolumeMul', 0, 20);
    const decibels = call.fields.optionalNumber('inputVolumeDb', -100, 26);
    changed.volume = wantedVolume(multiplier, decibels);
    tell(call, 'InputVolumeChanged', changed, volumeFields(changed.volume));
  },

  GetInputAudioBalance: (call) => ({ inputAudioBalance: audible(call).balance }),

  SetInputAudioBalance: (call) => {
    input(call);
    const balance = Math.fround(call.fields.number('inputAudioBalance', 0, 1));
    const changed = audible(call);
    changed.balance = balance;
    tell(call, 'InputAudioBalanceChanged', changed, { inputAudioBalance: balance });
  },

  GetInputAudioSyncOffset: (call) => ({ inputAudioSyncOffset: audible(call).syncOffset }),

  SetInputAudioSyncOffset: (call) => {
    input(call);
    const offset = Math.trunc(call.fields.number('inputAudioSyncOffset', -950, 20_000));
    const changed = audible(call);
    changed.syncOffset = offset;
    tell(call, 'InputAudioSyncOffsetChanged', changed, { inputAudioSyncOffset: offset });
  },

  GetInputAudioMonitorType: (call) => ({ monitorType: audible(call).monitorType }),

  SetInputAudioMonitorType: (call) => {
    input(call);
    const monitorType = call.fields.string('monitorType');
    const changed = audible(call);
    if (!MONITOR_TYPES.includes(monitorType)) {
      throw new Refusal(Status.InvalidField, `Unknown monitor type: ${monitorType}`);
    }
    // of what stays as it is OBS tells the volume, the balance and the offset again, but neither this nor the tracks
    if (changed.monitorType === monitorType) return;
    changed.monitorType = monitorType;
    tell(call, 'InputAudioMonitorTypeChanged', changed, { monitorType });
  },

  GetInputAudioTracks: (call) => ({ inputAudioTracks: { ...audible(call).tracks } }),

  SetInputAudioTracks: (call) => {
    input(call);
    const wanted = call.fields.object('inputAudioTracks');
    const changed = audible(call);
    const tracks = { ...changed.tracks };
    for (const track of Object.keys(tracks)) {
      if (!Object.hasOwn(wanted, track) || wanted[track] === null) continue;
      const enabled = wanted[track];
      if (typeof enabled !== 'boolean') {
        throw new Refusal(Status.InvalidFieldType, 'The value of one of your tracks is not a boolean.');
      }
      tracks[track] = enabled;
    }
    if (Object.entries(tracks).every(([track, on]) => changed.tracks[track] === on)) return;
    changed.tracks = tracks;
    tell(call, 'InputAudioTracksChanged', changed, { inputAudioTracks: { ...tracks } });
  },
};

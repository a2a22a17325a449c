import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { SrtEncoding } from '../production/srt';
import { ffmpegOptions, readSrtAddress, srtAddress, type SrtPlace } from '../production/srt-address';
import type { ObsClient } from './client';
import { isStreamOutput } from './outputs';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { number, object, objects, text } from './values';

export type Values = Record<string, string | null>;

/** Of the profile's category AdvOut: all that decides what a custom recording sends, so that no old setting remains in it. */
const NAMES = [
  'RecType',
  'FFOutputToFile',
  'FFURL',
  'FFFormat',
  'FFFormatMimeType',
  'FFExtension',
  'FFMCustom',
  'FFVEncoder',
  'FFVEncoderId',
  'FFVBitrate',
  'FFVGOPSize',
  'FFVCustom',
  'FFAEncoder',
  'FFAEncoderId',
  'FFABitrate',
  'FFACustom',
  'FFAudioMixes',
  'FFIgnoreCompat',
  'FFRescale',
] as const;
/** The output of OBS that exists only where the recording is a custom one. Source: OBS 29, AdvancedOutput. */
const CUSTOM_OUTPUT = 'adv_ffmpeg_output';
const REALM = 'OBS_WEBSOCKET_DATA_REALM_GLOBAL';
const SLOT = 'live-production srt beside the stream';
const SWITCH_MS = 10_000;

/** What was there before, kept in OBS itself. Holds what somebody had set, secrets too. */
export interface Kept {
  /** the profile it belongs to */
  profile: string;
  values: Values;
  /** put back as soon as nothing runs */
  owed: boolean;
}

/** What the recording output of an OBS is set to. */
export interface Setup {
  /** the address that is set, with whatever secrets it has; null where it records into files */
  url: string | null;
  options: string | null;
  kept: Kept | null;
  profile: string;
}

/** The settings that make OBS send SRT with its recording output. Frames a second decide how often a key frame comes. */
export function valuesFor(place: SrtPlace, wait: number, encoding: SrtEncoding, fps: number): Values {
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, null])),
    RecType: 'FFmpeg',
    FFOutputToFile: 'false',
    FFURL: srtAddress(place, wait),
    FFFormat: 'mpegts',
    FFExtension: 'ts',
    // an address takes no passphrase with a percent sign in it; and so none stands in what OBS tells of its recording
    FFMCustom: ffmpegOptions(place) || null,
    FFVEncoder: 'libx264',
    // AV_CODEC_ID_H264 and AV_CODEC_ID_AAC
    FFVEncoderId: '27',
    FFVBitrate: String(Math.round(encoding.videoKbps)),
    FFVGOPSize: String(Math.max(1, Math.round(fps * encoding.keyframeSeconds))),
    FFVCustom: 'preset=veryfast',
    FFAEncoder: 'aac',
    FFAEncoderId: '86018',
    FFABitrate: String(Math.round(encoding.audioKbps)),
  };
}

/** Reads and writes what makes the recording output of an OBS send SRT. */
export class SrtProfile {
  constructor(private readonly client: ObsClient) {}

  /** Read in one batch. */
  async read(): Promise<Setup> {
    const parameter = (parameterName: string) => ({
      requestType: 'GetProfileParameter',
      requestData: { parameterCategory: 'AdvOut', parameterName },
    });
    const answers = await this.client.batch([
      { requestType: 'GetOutputList' },
      { requestType: 'GetProfileList' },
      { requestType: 'GetPersistentData', requestData: { realm: REALM, slotName: SLOT } },
      ...['FFOutputToFile', 'FFURL', 'FFMCustom'].map(parameter),
    ]);
    const [list, profiles, slot, toFile, url, options] = answers.map((one) => object(one.responseData));
    const custom = objects(list?.outputs).some(({ outputName }) => outputName === CUSTOM_OUTPUT);
    const address = text(url?.parameterValue);
    const sends = custom && text(toFile?.parameterValue) === 'false' && address !== null;
    return {
      url: sends && readSrtAddress(address) ? address : null,
      options: text(options?.parameterValue),
      kept: keptIn(slot?.slotValue),
      profile: text(profiles?.currentProfileName) ?? '',
    };
  }

  /** What runs, in words; empty: nothing does. */
  async running(): Promise<string[]> {
    const { outputs } = await this.client.call('GetOutputList');
    return objects(outputs)
      .filter(({ outputActive }) => outputActive === true)
      .map(({ outputName, outputKind }) => inWords(text(outputName) ?? '', text(outputKind)));
  }

  /** Throws SRT_NEEDS_ADVANCED. */
  async mustBeAdvanced(): Promise<void> {
    const answer = await this.client.call('GetProfileParameter', {
      parameterCategory: 'Output',
      parameterName: 'Mode',
    });
    if (text(answer.parameterValue) !== 'Advanced') throw fail('SRT_NEEDS_ADVANCED');
  }

  /** Frames a second of the present profile. */
  async fps(): Promise<number> {
    const video = await this.client.call('GetVideoSettings');
    return (number(video.fpsNumerator) ?? 30) / (number(video.fpsDenominator) || 1);
  }

  /** The profile to change to and back. Throws SRT_PROFILE_MISSING. */
  async second(wanted: string): Promise<string> {
    const { current, all } = await this.profiles();
    const known = all.filter((name) => name !== current).join(', ') || 'none';
    const reason =
      wanted === ''
        ? `none is chosen; OBS has ${known}`
        : wanted === current
          ? `"${wanted}" is the one in use; OBS has ${known}`
          : `OBS has no profile "${wanted}", it has ${known}`;
    if (!all.includes(wanted) || wanted === current) throw fail('SRT_PROFILE_MISSING', { reason });
    return wanted;
  }

  /** Set it all, with what was there before kept, and have OBS take it over. Nothing may run. Throws SRT_ARM_REFUSED. */
  async arm(values: Values, second: string, setup: Setup): Promise<void> {
    const kept = setup.kept ?? { profile: setup.profile, values: await this.values(), owed: false };
    // kept before anything changes: whatever ends here, it can be put back
    await this.keep({ ...kept, owed: false });
    try {
      await this.write(values);
      // what is set already needs no second look of OBS
      if (setup.url === null) await this.reload(second);
      const { url } = await this.read();
      if (url !== values.FFURL) throw new Error('its recording output is still another one');
    } catch (error) {
      await this.putBack(kept).catch(() => undefined);
      throw fail('SRT_ARM_REFUSED', { reason: (error as Error).message }, error);
    }
  }

  /** Put back what was there, in the profile it belongs to, and have OBS take it over. Nothing may run. */
  async putBack(kept: Kept): Promise<void> {
    const { current, all } = await this.profiles();
    if (all.includes(kept.profile)) {
      if (current !== kept.profile) await this.use(kept.profile);
      await this.write(kept.values);
      const other = current !== kept.profile ? current : all.find((name) => name !== current);
      if (current !== kept.profile) await this.use(current);
      else if (other !== undefined) await this.reload(other);
    }
    await this.keep(null);
  }

  /** Kept in OBS, so that it survives a restart of Node-RED and of OBS. */
  async keep(kept: Kept | null): Promise<void> {
    const slotValue = kept ? { version: 1, ...kept } : { version: 1 };
    await this.client.call('SetPersistentData', { realm: REALM, slotName: SLOT, slotValue });
  }

  private async profiles(): Promise<{ current: string; all: string[] }> {
    const answer = await this.client.call('GetProfileList');
    const all = Array.isArray(answer.profiles) ? answer.profiles : [];
    return {
      current: text(answer.currentProfileName) ?? '',
      all: all.filter((name) => typeof name === 'string'),
    };
  }

  private async use(profileName: string): Promise<void> {
    await this.client.call('SetCurrentProfile', { profileName });
    const until = now() + SWITCH_MS;
    while ((await this.profiles()).current !== profileName) {
      if (now() > until) throw new Error(`it did not change to the profile "${profileName}"`);
      await pause(100);
    }
  }

  private async reload(second: string): Promise<void> {
    const { current } = await this.profiles();
    await this.use(second);
    await this.use(current);
  }

  private async values(): Promise<Values> {
    const present = await this.parameters();
    return Object.fromEntries(
      Object.entries(present).map(([name, { used, standard }]) => [name, used === standard ? null : used]),
    );
  }

  private async parameters(): Promise<Record<string, { used: string | null; standard: string | null }>> {
    const answers = await this.client.batch(
      NAMES.map((parameterName) => ({
        requestType: 'GetProfileParameter',
        requestData: { parameterCategory: 'AdvOut', parameterName },
      })),
    );
    return Object.fromEntries(
      NAMES.map((name, index) => {
        const { parameterValue, defaultParameterValue } = object(answers[index]?.responseData);
        const standard = text(defaultParameterValue);
        return [name, { used: text(parameterValue) ?? standard, standard }];
      }),
    );
  }

  /** Set and read back; null takes a value back to the standard one. */
  private async write(values: Values): Promise<void> {
    const differing = async () => {
      const present = await this.parameters();
      return Object.entries(values).filter(([name, value]) => {
        const { used = null, standard = null } = present[name] ?? {};
        return used !== (value ?? standard);
      });
    };
    for (const [parameterName, parameterValue] of await differing())
      await this.client
        .call('SetProfileParameter', { parameterCategory: 'AdvOut', parameterName, parameterValue })
        .catch((error: unknown) => {
          // deleting what is not there is done already
          if (parameterValue !== null || !refusedWith(error, Status.ResourceNotFound)) throw error;
        });
    const wrong = await differing();
    if (wrong.length > 0) throw new Error(`it did not take ${wrong.map(([name]) => name).join(', ')}`);
  }
}

function inWords(name: string, kind: string | null): string {
  if (isStreamOutput(name, kind)) return 'the stream runs';
  if (name === CUSTOM_OUTPUT) return 'its custom recording output runs';
  if (/^(simple|adv)_file_output$/.test(name)) return 'a recording runs';
  if (kind === 'replay_buffer') return 'the replay buffer runs';
  return name === 'virtualcam_output' ? 'the virtual camera runs' : `"${name}" runs`;
}

function keptIn(slot: unknown): Kept | null {
  const { profile, values, owed } = object(slot);
  if (typeof profile !== 'string') return null;
  const known = object(values);
  return {
    profile,
    values: Object.fromEntries(NAMES.map((name) => [name, text(known[name])])),
    owed: owed === true,
  };
}

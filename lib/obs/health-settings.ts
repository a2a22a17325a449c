import { now } from '../connection/clock';
import { DEFAULT_DELAY_S } from './delay';
import type { BatchRequest, BatchResult, RequestData } from './session';
import type { ServiceInfo } from './stream-service';
import { number, text } from './values';

/** Settings change without a word from OBS (its own dialog tells nobody), so they are read again this often. */
const FRESH_MS = 15_000;

const PARAMETERS = [
  ['Output', 'Mode'],
  ['SimpleOutput', 'VBitrate'],
  ['SimpleOutput', 'ABitrate'],
  ['Stream1', 'IgnoreRecommended'],
  ['Stream1', 'EnableMultitrackVideo'],
  ['AdvOut', 'TrackIndex'],
  ['Output', 'DelayEnable'],
  ['Output', 'DelaySec'],
] as const;

/** Services that are no entry of OBS's list, so that nothing limits what is set. */
const UNLISTED: readonly (string | null)[] = ['RTMP server', 'SRT', 'WHIP', null];
/** The most video OBS sends to a service of its list, in kbit/s. Source: services.json of OBS 29.0.2 and 32.2, the same in both. */
const MOST_KBPS: Record<string, number> = {
  Twitch: 6_000,
  'YouTube - RTMPS': 51_000,
  'Facebook Live': 9_000,
  Twitter: 12_000,
};

/** What the profile of an OBS is set to, as far as health is measured against it. Read along with the figures. */
export class HealthSettings {
  private readAtMs = Number.NEGATIVE_INFINITY;
  private values: Record<string, string | null> | null = null;
  /** frames a second that are set; null before the first reading */
  targetFps: number | null = null;

  /** What is known may be old: read again with the next reading. */
  expire(): void {
    this.readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Nothing is known any more: it may be another OBS. */
  forget(): void {
    this.expire();
    this.values = null;
    this.targetFps = null;
  }

  requests(): BatchRequest[] {
    if (now() - this.readAtMs < FRESH_MS) return [];
    const parameters = PARAMETERS.map(([parameterCategory, parameterName]) => ({
      requestType: 'GetProfileParameter',
      requestData: { parameterCategory, parameterName },
    }));
    return [...parameters, { requestType: 'GetVideoSettings' }];
  }

  /** The answers to `requests`, in their order. */
  take(results: readonly BatchResult[]): void {
    const video = results.at(-1)?.responseData;
    if (!video) return;
    this.readAtMs = now();
    const value = (data: RequestData | undefined) =>
      text(data?.parameterValue) ?? text(data?.defaultParameterValue);
    this.values = Object.fromEntries(
      PARAMETERS.map(([category, name], index) => [
        `${category}/${name}`,
        value(results[index]?.responseData),
      ]),
    );
    const [frames, per] = [number(video.fpsNumerator), number(video.fpsDenominator)];
    this.targetFps = frames && per ? frames / per : null;
  }

  /** The stream delay that is set, in milliseconds; null before the first reading. */
  get delayMs(): number | null {
    if (!this.values) return null;
    if (this.values['Output/DelayEnable'] !== 'true') return 0;
    return (Number(this.values['Output/DelaySec']) || DEFAULT_DELAY_S) * 1000;
  }

  /** The audio track that a stream carries, from 1. */
  get track(): number {
    return this.values?.['Output/Mode'] === 'Advanced' ? Number(this.values['AdvOut/TrackIndex']) || 1 : 1;
  }

  /** The bitrate of video and audio that the encoders are set to, in kbit/s, or why it is unknown. */
  target({ service }: ServiceInfo): { kbps: number; reason: null } | { kbps: null; reason: string } {
    const unknown = (reason: string) => ({ kbps: null, reason });
    const { values } = this;
    if (!values) return unknown('the settings of OBS have not been read yet');
    if (values['Output/Mode'] === 'Advanced')
      return unknown('OBS is in advanced output mode, where it does not tell the bitrate of its encoders');
    if (values['Stream1/EnableMultitrackVideo'] === 'true')
      return unknown('the service itself decides the bitrates of several pictures (multitrack video)');
    const [video, audio] = [Number(values['SimpleOutput/VBitrate']), Number(values['SimpleOutput/ABitrate'])];
    if (!(video > 0) || !(audio >= 0)) return unknown('OBS does not tell the bitrate of its encoders');
    if (UNLISTED.includes(service) || values['Stream1/IgnoreRecommended'] === 'true')
      return { kbps: video + audio, reason: null };
    const most = MOST_KBPS[service ?? ''];
    return most === undefined
      ? unknown(`OBS may send less to ${service} than is set, and does not tell how much`)
      : { kbps: Math.min(video, most) + audio, reason: null };
  }
}

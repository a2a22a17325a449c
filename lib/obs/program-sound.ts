import type { Release } from '../production/application';
import type { SoundReading } from '../production/health';
import type { ObsClient } from './client';
import type { BatchRequest, BatchResult, RequestData } from './session';
import { object, objects, text } from './values';

const SILENCE_DB = -100;
/** A peak this high counts as full scale: 0.01 dB below it. */
const FULL_SCALE = 0.999;
/** What decides whether an input that is on air goes out. */
const QUESTIONS = ['GetInputMute', 'GetInputAudioMonitorType', 'GetInputAudioTracks'] as const;
const CHANGES = ['InputMuteStateChanged', 'InputAudioMonitorTypeChanged', 'InputAudioTracksChanged'];
const MONITOR_ONLY = 'OBS_MONITORING_TYPE_MONITOR_ONLY';

interface Way {
  muted: boolean;
  monitorOnly: boolean;
  tracks: Record<string, unknown>;
}

/**
 * What can be heard of the program, from the volume meters of OBS: some twenty messages a second, so only while it is
 * wanted. OBS lists the inputs that are on air and no other (measured: not those hidden, of another scene or of the
 * preview), but lists what is only monitored or goes to another track, too.
 */
export class ProgramSound {
  private listeners: Release[] | null = null;
  private readonly ways = new Map<string, Way>();
  /** inputs whose way out is unknown or may have changed */
  private readonly unsure = new Set<string>();
  private asked = new Set<string>();
  private readings = 0;
  private clipped = 0;
  private peak = 0;
  private readonly heard = new Set<string>();
  private waiting = false;

  constructor(private readonly client: ObsClient) {}

  /** Begin or end to listen. `track` is the audio track that goes out, from 1, asked with every message. */
  listen(wanted: boolean, track: () => number): void {
    if (wanted === (this.listeners !== null)) return;
    if (!wanted) {
      for (const release of this.listeners ?? []) release();
      this.listeners = null;
      this.forget();
      return;
    }
    const changed = (data: RequestData) => {
      // events can come out of their order, so the input is asked
      const name = text(data.inputName);
      if (name !== null) this.unsure.add(name);
    };
    const gone = (name: string | null) => {
      if (name === null) return;
      this.ways.delete(name);
      this.unsure.delete(name);
    };
    this.listeners = [
      this.client.on('InputVolumeMeters', (data) => this.take(data, String(track()))),
      ...CHANGES.map((event) => this.client.on(event, changed)),
      this.client.on('InputRemoved', (data) => gone(text(data.inputName))),
      this.client.on('InputNameChanged', (data) => gone(text(data.oldInputName))),
      this.client.on('CurrentSceneCollectionChanged', () => {
        this.ways.clear();
        // an answer that is under way may be of the collection before
        for (const name of this.asked) this.unsure.add(name);
      }),
    ];
  }

  /** Nothing is known any more: it may be another OBS. */
  forget(): void {
    this.ways.clear();
    this.unsure.clear();
    this.asked = new Set();
    this.drain();
  }

  /** What to ask with the next reading. */
  requests(): BatchRequest[] {
    // those of a question that got no answer too
    this.asked = new Set([...this.asked, ...this.unsure]);
    // what changes while the question is under way is asked once more
    this.unsure.clear();
    return [...this.asked].flatMap((inputName) =>
      QUESTIONS.map((requestType) => ({ requestType, requestData: { inputName } })),
    );
  }

  /** The answers to `requests`, in their order. */
  answers(results: readonly BatchResult[]): void {
    [...this.asked].forEach((name, index) => {
      const [mute, monitor, tracks] = QUESTIONS.map(
        (_, question) => results[index * QUESTIONS.length + question]?.responseData,
      );
      if (!mute || !monitor || !tracks) this.ways.delete(name);
      else
        this.ways.set(name, {
          muted: mute.inputMuted === true,
          monitorOnly: monitor.monitorType === MONITOR_ONLY,
          tracks: object(tracks.inputAudioTracks),
        });
    });
    this.asked = new Set();
  }

  /** What was heard since the last `read`, or why there is nothing to say. */
  read(): { sound: SoundReading; fault: null } | { sound: null; fault: string } {
    const { readings, clipped, peak, waiting } = this;
    const heard = [...this.heard].sort();
    this.drain();
    if (readings === 0) return { sound: null, fault: 'OBS has sent no sound levels yet' };
    if (heard.length === 0 && waiting)
      return { sound: null, fault: 'OBS has not told yet which of its inputs go out' };
    return {
      sound: {
        peakDb: peak > 0 ? Math.max(SILENCE_DB, 20 * Math.log10(peak)) : SILENCE_DB,
        clippedPercent: (100 * clipped) / readings,
        readings,
        heard,
      },
      fault: null,
    };
  }

  private drain(): void {
    this.readings = this.clipped = this.peak = 0;
    this.waiting = false;
    this.heard.clear();
  }

  /** One message of the meters: for each input, for each channel, magnitude and peak behind the fader, and the peak before it. */
  private take(data: RequestData, track: string): void {
    let peak = 0;
    for (const { inputName, inputLevelsMul } of objects(data.inputs)) {
      // without channels there is no sound: a camera without a microphone, a clip without a sound track
      if (typeof inputName !== 'string' || !Array.isArray(inputLevelsMul) || inputLevelsMul.length === 0)
        continue;
      const way = this.ways.get(inputName);
      if (!way) {
        // the meters come twenty times a second, also while the question is under way
        if (!this.asked.has(inputName)) this.unsure.add(inputName);
        this.waiting = true;
        continue;
      }
      if (way.muted || way.monitorOnly || way.tracks[track] === false) continue;
      this.heard.add(inputName);
      for (const channel of inputLevelsMul as unknown[]) {
        const level: unknown = Array.isArray(channel) ? channel[1] : null;
        if (typeof level === 'number' && level > peak) peak = level;
      }
    }
    this.readings++;
    if (peak >= FULL_SCALE) this.clipped++;
    if (peak > this.peak) this.peak = peak;
  }
}

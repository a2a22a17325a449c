import { homedir } from 'node:os';
import { Refusal } from './fields';
import type { Data } from './fields';
import { Status } from './tables/codes';
import type { Version } from './tables/requests';

export interface Service {
  type: string;
  settings: Data;
}

export interface Profile {
  name: string;
  /** what the user set: `Category/Name` to value */
  parameters: Map<string, string>;
  service: Service;
  /** settings that OBS reads only when it loads the profile */
  loaded: { advanced: boolean; replayBuffer: boolean; custom: boolean };
  /** where a custom recording sends, as OBS took it over when its first output started */
  sendsTo: string;
  /** outputs that were started since the profile was loaded */
  started: Set<string>;
  persistent: Map<string, unknown>;
}

export interface VideoSettings {
  fpsNumerator: number;
  fpsDenominator: number;
  baseWidth: number;
  baseHeight: number;
  outputWidth: number;
  outputHeight: number;
}

/** Profiles: parameters with OBS's defaults, the streaming service, and what needs a reload to take effect. */
export class Profiles {
  readonly all = new Map<string, Profile>();
  current: Profile;
  readonly globalData = new Map<string, unknown>();
  private readonly defaults: Map<string, string>;

  constructor(
    version: Version,
    private readonly emit: (type: string, data: Data) => void,
    options: { recordFolder: string | undefined; replayBuffer: boolean },
  ) {
    const format = version.recordFormat;
    this.defaults = new Map(
      Object.entries({
        'Output/Mode': 'Simple',
        'Output/FilenameFormatting': '%CCYY-%MM-%DD %hh-%mm-%ss',
        'Output/OverwriteIfExists': 'false',
        'Output/Reconnect': 'true',
        'Output/RetryDelay': '2',
        'Output/MaxRetries': '25',
        'Output/DelayEnable': 'false',
        'Output/DelaySec': '20',
        'Output/DelayPreserve': 'true',
        'SimpleOutput/FilePath': homedir(),
        [`SimpleOutput/${format}`]: 'mkv',
        'SimpleOutput/VBitrate': version.recordFormat === 'RecFormat2' ? '6000' : '2500',
        'SimpleOutput/ABitrate': '160',
        'SimpleOutput/RecQuality': 'Stream',
        'SimpleOutput/RecRB': 'false',
        'SimpleOutput/RecRBPrefix': 'Replay',
        'Stream1/IgnoreRecommended': 'false',
        'AdvOut/RecType': 'Standard',
        'AdvOut/FFOutputToFile': 'true',
        'AdvOut/FFExtension': 'mp4',
        'AdvOut/FFVBitrate': '2500',
        'AdvOut/FFVGOPSize': '250',
        'AdvOut/FFABitrate': '160',
        'AdvOut/FFIgnoreCompat': 'false',
        'AdvOut/FFAudioMixes': '1',
        'AdvOut/RecFilePath': homedir(),
        [`AdvOut/${format}`]: 'mkv',
        'AdvOut/RecEncoder': 'none',
        'AdvOut/TrackIndex': '1',
        'AdvOut/RecRB': 'false',
        'Video/BaseCX': '1280',
        'Video/BaseCY': '720',
        'Video/OutputCX': '1280',
        'Video/OutputCY': '720',
        'Video/FPSType': '0',
        'Video/FPSCommon': '30',
        'Video/FPSNum': '30',
        'Video/FPSDen': '1',
      }),
    );
    this.current = this.make('Rehearsal');
    this.current.service = {
      type: 'rtmp_custom',
      settings: {
        server: 'rtmp://live.example/app',
        key: 'rehearsal',
        use_auth: false,
        username: '',
        password: '',
      },
    };
    const set = this.current.parameters;
    if (options.recordFolder !== undefined) set.set('SimpleOutput/FilePath', options.recordFolder);
    set.set('SimpleOutput/RecQuality', 'Small');
    set.set('SimpleOutput/VBitrate', '2500');
    set.set('SimpleOutput/RecRB', String(options.replayBuffer));
    set.set('Video/BaseCX', '1920');
    set.set('Video/BaseCY', '1080');
    this.load(this.current);
  }

  get(category: string, name: string): string | undefined {
    return this.current.parameters.get(`${category}/${name}`) ?? this.defaultOf(category, name);
  }

  defaultOf(category: string, name: string): string | undefined {
    return this.defaults.get(`${category}/${name}`);
  }

  flag(category: string, name: string): boolean {
    return this.get(category, name) === 'true';
  }

  number(category: string, name: string): number {
    const value = Number(this.get(category, name));
    return Number.isFinite(value) ? value : 0;
  }

  set(category: string, name: string, value: string): void {
    this.current.parameters.set(`${category}/${name}`, value);
  }

  /** Take a set value back. Refused with 600 where nothing was set. */
  remove(category: string, name: string): void {
    if (!this.current.parameters.delete(`${category}/${name}`)) {
      throw new Refusal(Status.NotFound, 'There are no existing instances of that profile parameter.');
    }
  }

  get advanced(): boolean {
    return this.current.loaded.advanced;
  }

  /** The recording output is a custom one, which OBS 29 calls FFmpeg output. */
  get custom(): boolean {
    return this.current.loaded.custom;
  }

  /** Where a custom recording sends; null where it writes a file. */
  get sendsTo(): string | null {
    return this.custom && this.get('AdvOut', 'FFOutputToFile') === 'false' ? this.current.sendsTo : null;
  }

  /** An output starts: the first one has OBS take over where a custom recording sends. */
  starts(anyActive: boolean): void {
    if (!anyActive) this.current.sendsTo = this.get('AdvOut', 'FFURL') ?? '';
  }

  get video(): VideoSettings {
    const size = (name: string, fallback: number) => this.number('Video', name) || fallback;
    const fraction = this.number('Video', 'FPSType') === 2;
    return {
      fpsNumerator: fraction ? size('FPSNum', 30) : size('FPSCommon', 30),
      fpsDenominator: fraction ? size('FPSDen', 1) : 1,
      baseWidth: size('BaseCX', 1280),
      baseHeight: size('BaseCY', 720),
      outputWidth: size('OutputCX', 1280),
      outputHeight: size('OutputCY', 720),
    };
  }

  get fps(): number {
    const video = this.video;
    return video.fpsNumerator / video.fpsDenominator;
  }

  /** kbit/s of picture and sound together */
  get bitrate(): number {
    return (
      (this.number('SimpleOutput', 'VBitrate') || 2500) + (this.number('SimpleOutput', 'ABitrate') || 160)
    );
  }

  get names(): string[] {
    return [...this.all.keys()].sort();
  }

  /** A new blank profile; OBS switches to it at once. */
  create(name: string): void {
    this.switching(() => {
      this.current = this.make(name);
    }, true);
  }

  use(name: string): void {
    const profile = this.all.get(name);
    if (!profile) throw new Refusal(Status.NotFound);
    if (profile === this.current) return;
    this.switching(() => {
      this.current = profile;
      this.load(profile);
    }, false);
  }

  removeProfile(name: string): void {
    if (!this.all.has(name)) throw new Refusal(Status.NotFound);
    if (this.all.size < 2) throw new Refusal(Status.NotEnoughResources);
    this.all.delete(name);
    if (this.current.name === name) {
      const [next] = this.all.values();
      if (next) {
        this.emit('CurrentProfileChanging', { profileName: name });
        this.current = next;
        this.load(next);
        this.emit('CurrentProfileChanged', { profileName: next.name });
      }
    }
    this.emit('ProfileListChanged', { profiles: this.names });
  }

  private switching(change: () => void, listChanged: boolean): void {
    this.emit('CurrentProfileChanging', { profileName: this.current.name });
    change();
    if (listChanged) this.emit('ProfileListChanged', { profiles: this.names });
    this.emit('CurrentProfileChanged', { profileName: this.current.name });
  }

  private make(name: string): Profile {
    const profile: Profile = {
      name,
      parameters: new Map(),
      service: { type: 'rtmp_common', settings: {} },
      loaded: { advanced: false, replayBuffer: false, custom: false },
      sendsTo: '',
      started: new Set(),
      persistent: new Map(),
    };
    this.all.set(name, profile);
    return profile;
  }

  private load(profile: Profile): void {
    const advanced = profile.parameters.get('Output/Mode') === 'Advanced';
    const custom = advanced && profile.parameters.get('AdvOut/RecType') === 'FFmpeg';
    profile.loaded = {
      advanced,
      custom,
      replayBuffer:
        !custom && profile.parameters.get(advanced ? 'AdvOut/RecRB' : 'SimpleOutput/RecRB') === 'true',
    };
    profile.started = new Set();
  }
}

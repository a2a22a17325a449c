import type { Clock } from './clock';
import type { Faults } from './faults';
import type { Data } from './fields';
import { Frames } from './frames';
import type { SimulatedHealth } from './health';
import { ReplayBuffer, VirtualCamera } from './other-outputs';
import { Production } from './production';
import { Profiles } from './profiles';
import { RecordOutput } from './record-output';
import { folderExists, recordFolder } from './record-path';
import { StreamOutput } from './stream-output';
import type { OutputContext } from './stream-output';
import type { SimulatedPublishers } from './publishers';
import { GSTREAMER_KIND, INPUT_KINDS } from './tables/inputs';
import type { InputKind } from './tables/inputs';
import type { Version } from './tables/requests';

export interface StudioOptions {
  clock: Clock;
  faults: Faults;
  health: SimulatedHealth;
  publishers: SimulatedPublishers;
  /** obs-gstreamer is installed */
  gstreamer: boolean;
  version: Version;
  random: () => number;
  emit: (type: string, data: Data) => void;
  crash: () => void;
  virtualCamera: boolean;
  replayBuffer: boolean;
  recordFolder: string | undefined;
  writeFiles: boolean;
}

/** The simulated OBS itself, without its network: settings, scenes, outputs and figures. */
export class Studio {
  readonly version: Version;
  readonly faults: Faults;
  readonly health: SimulatedHealth;
  readonly clock: Clock;
  readonly random: () => number;
  readonly profiles: Profiles;
  readonly production: Production;
  readonly kinds: ReadonlyMap<string, InputKind>;
  readonly frames: Frames;
  readonly stream: StreamOutput;
  readonly record: RecordOutput;
  readonly camera: VirtualCamera;
  readonly replay: ReplayBuffer;
  readonly emit: (type: string, data: Data) => void;
  /** files may really be written */
  readonly writeFiles: boolean;
  /** hotkeys that belong together and were pressed and never released */
  readonly pressed = new Map<string, string>();
  private startedAt = performance.now();

  constructor(options: StudioOptions) {
    const { clock, faults, health, version, random, emit } = options;
    this.clock = clock;
    this.faults = faults;
    this.health = health;
    this.version = version;
    this.random = random;
    this.emit = emit;
    this.writeFiles = options.writeFiles;
    this.profiles = new Profiles(version, emit, options);
    this.kinds = options.gstreamer
      ? new Map([...INPUT_KINDS, ['gstreamer-source', GSTREAMER_KIND]])
      : INPUT_KINDS;
    this.frames = new Frames(clock, () => this.profiles.fps);
    this.production = new Production({
      ...options,
      uuids: version.uuids,
      canvas: () => this.profiles.video,
    });
    const context: OutputContext = {
      clock,
      faults,
      health,
      profiles: this.profiles,
      version,
      random,
      emit,
      crash: options.crash,
      anyActive: () => this.anyOutputActive,
    };
    this.stream = new StreamOutput(context);
    this.record = new RecordOutput(context, options.writeFiles);
    this.camera = new VirtualCamera(context, options.virtualCamera);
    this.replay = new ReplayBuffer(context, () => this.production.hasPicture());
  }

  get anyOutputActive(): boolean {
    return this.stream.outputActive || this.record.outputActive || this.camera.active || this.replay.active;
  }

  /** GetStats: the figures move as a healthy OBS's do, unless something else is scripted. */
  stats(): Data {
    const { health, random } = this;
    const { fps } = this.profiles;
    const upMs = performance.now() - this.startedAt;
    const rendered = Math.floor((upMs / 1000) * fps);
    const encoded = Math.max(this.stream.frames, this.record.totalFrames);
    return {
      activeFps: fps + (random() - 0.5) * 1e-6,
      // measured: 0 where the folder does not exist
      availableDiskSpace: folderExists(recordFolder(this.profiles)) ? 80_000 - upMs / 10_000 : 0,
      averageFrameRenderTime: 2 + random() * 3,
      cpuUsage: 6 + random() * 4 + (this.anyOutputActive ? 10 : 0),
      memoryUsage: 205 + random() * 5,
      ...health.scripted,
      outputSkippedFrames: health.skipped.of(encoded),
      outputTotalFrames: encoded,
      renderSkippedFrames: Math.min(2, rendered) + health.missed.of(rendered),
      renderTotalFrames: rendered,
    };
  }

  /** As after the end of the program: nothing runs any more, settings stay. */
  end(): void {
    this.stream.end();
    this.record.end();
    this.camera.end();
    this.replay.end();
    this.production.end();
    this.pressed.clear();
    for (const profile of this.profiles.all.values()) profile.started.clear();
    this.startedAt = performance.now();
  }
}

import type { Data } from './fields';
import { transformOf } from './geometry';
import type { Playback } from './playback';
import { FfmpegPlayback } from './playback-ffmpeg';
import { GstreamerPlayback } from './playback-gstreamer';
import type { Production, ProductionOptions } from './production';
import type { Input, Scene } from './sources';

/** Inputs that a scene shows, directly or by a scene within it. */
export function inputsOf(scene: Scene, seen = new Set<Scene>()): Set<Input> {
  const found = new Set<Input>();
  if (seen.has(scene)) return found;
  seen.add(scene);
  for (const { source, enabled } of scene.items) {
    if (!enabled) continue;
    if (source.type === 'input') found.add(source);
    else for (const input of inputsOf(source, seen)) found.add(input);
  }
  return found;
}

/** What is on air or in the preview, what OBS tells of that, and what the inputs that play media make of it. */
export class OnAir {
  private active = new Set<Input>();
  private showing = new Set<Input>();
  /** inputs that were made hidden and are on air for a moment all the same */
  private readonly blips = new Set<Input>();
  /** false: OBS is just starting, so nobody is there to be told anything */
  private awake = false;

  constructor(
    private readonly production: Production,
    private readonly options: ProductionOptions,
  ) {}

  /** Tell which inputs came on air or into the preview, and which left. */
  tell(): void {
    const { production, blips } = this;
    const { preview } = production.transitions;
    const active = new Set([...inputsOf(production.current.program), ...blips]);
    const showing = new Set([...active, ...(preview ? inputsOf(preview) : [])]);
    const tell = (type: string, field: string, before: Set<Input>, now: Set<Input>) => {
      for (const input of new Set([...before, ...now])) {
        if (before.has(input) === now.has(input)) continue;
        this.options.emit(type, { ...production.named('input', input), [field]: now.has(input) });
      }
    };
    if (this.awake) {
      tell('InputActiveStateChanged', 'videoActive', this.active, active);
      tell('InputShowStateChanged', 'videoShowing', this.showing, showing);
    }
    this.active = active;
    this.showing = showing;
    for (const input of production.inputs) {
      input.media?.show(showing.has(input));
      input.media?.activate(active.has(input));
    }
  }

  /** Everything begins to play, as at a start. */
  wake(): void {
    this.awake = false;
    this.blips.clear();
    for (const input of this.production.inputs) this.begin(input);
    this.tell();
    this.awake = true;
  }

  /** An input was made: it plays, where its kind does. */
  begin(input: Input): void {
    if (!input.about.media) return;
    const { clock, publishers, random, emit } = this.options;
    const host = {
      clock,
      publishers,
      random,
      tell: (type: string, of: Input, data: Data = {}) => {
        if (this.awake) emit(type, { ...this.production.named('input', of), ...data });
      },
      resized: (of: Input) => this.tellSize(of),
    };
    const kind: new (input: Input, hosted: typeof host) => Playback =
      input.kind === 'gstreamer-source' ? GstreamerPlayback : FfmpegPlayback;
    input.media = new kind(input, host);
    input.media.begin(!this.awake);
  }

  /** Measured: what is made hidden in a scene on air is told as on air for 50 to 100 ms, two times in five. */
  blip(input: Input): void {
    const { faults, random, clock } = this.options;
    if (!(faults.blip ?? random() < 0.4)) return;
    this.blips.add(input);
    clock.after(50 + random() * 50, () => {
      this.blips.delete(input);
      this.tell();
    });
  }

  /** Scenes that OBS draws now: the program, the preview, and those within them. */
  rendered(): Set<Scene> {
    const found = new Set<Scene>();
    const add = (scene: Scene) => {
      if (found.has(scene)) return;
      found.add(scene);
      for (const { source, enabled } of scene.items) if (source.type === 'scene' && enabled) add(source);
    };
    const { current, transitions } = this.production;
    add(current.program);
    if (transitions.preview) add(transitions.preview);
    return found;
  }

  /** OBS finds out when it draws the scene, so it tells nothing of those it does not draw. */
  private tellSize(input: Input): void {
    if (!this.awake) return;
    for (const scene of this.rendered()) {
      for (const item of scene.items.filter(({ source }) => source === input)) {
        this.options.emit('SceneItemTransformChanged', {
          sceneItemId: item.id,
          sceneItemTransform: transformOf(item, this.options.canvas()),
          ...this.production.named('scene', scene),
        });
      }
    }
  }
}

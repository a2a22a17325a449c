import type { Cancel } from './clock';
import type { Production } from './production';
import type { Scene } from './sources';

export interface Transition {
  name: string;
  kind: string;
  uuid: string;
  fixed: boolean;
}

/** Program, preview and the way between them; events in the order measured: the scene is told when the transition ends. */
export class Transitions {
  readonly all: Transition[] = [
    { name: 'Cut', kind: 'cut_transition', uuid: '5f0d9a66-3a0e-4f6c-9a6f-3b7d51a1c001', fixed: true },
    { name: 'Fade', kind: 'fade_transition', uuid: '5f0d9a66-3a0e-4f6c-9a6f-3b7d51a1c002', fixed: false },
  ];
  current: Transition;
  durationMs = 300;
  studioMode = false;
  preview: Scene | null = null;
  private running: { cancel: Cancel; startedAt: number; durationMs: number; swap: Scene | null } | null =
    null;
  private bar: { from: Scene; to: Scene } | null = null;

  constructor(private readonly production: Production) {
    this.current = this.all[1] as Transition;
  }

  find(name: string): Transition | undefined {
    return this.all.find((transition) => transition.name === name);
  }

  use(transition: Transition): void {
    if (transition === this.current) return;
    this.production.clock.after(4, () => {
      this.current = transition;
      this.production.emit('CurrentSceneTransitionChanged', this.named());
    });
  }

  setDuration(ms: number): void {
    if (ms === this.durationMs) return;
    this.production.clock.after(5, () => {
      this.durationMs = ms;
      this.production.emit('CurrentSceneTransitionDurationChanged', { transitionDuration: ms });
    });
  }

  /** 0 to 1; 1 when none is running. */
  get cursor(): number {
    if (!this.running) return 1;
    const { startedAt, durationMs } = this.running;
    const done = ((performance.now() - startedAt) * this.production.clock.speed) / Math.max(1, durationMs);
    return Math.min(1, done);
  }

  /** Put a scene on air. The same scene again causes no event. */
  toProgram(scene: Scene): void {
    const collection = this.production.current;
    const { program } = collection;
    if (program === scene) return;
    const swap = this.studioMode ? program : null;
    collection.program = scene;
    this.production.tellActive();
    this.run(scene, swap);
  }

  setPreview(scene: Scene): void {
    if (this.preview === scene) return;
    this.preview = scene;
    this.production.tellActive();
    this.production.emit('CurrentPreviewSceneChanged', this.production.named('scene', scene));
  }

  setStudioMode(on: boolean): void {
    if (this.studioMode === on) return;
    const { production } = this;
    this.studioMode = on;
    if (on) this.preview = production.current.program;
    else {
      const { preview } = this;
      this.preview = null;
      // measured when leaving studio mode: the preview is told as on air, then the real program
      if (preview && preview !== production.current.program) {
        production.emit('CurrentProgramSceneChanged', production.named('scene', preview));
        production.emit('CurrentProgramSceneChanged', production.named('scene', production.current.program));
      }
    }
    production.tellActive();
    production.emit('StudioModeStateChanged', { studioModeEnabled: on });
  }

  trigger(): void {
    if (this.preview) this.toProgram(this.preview);
  }

  /** The T-bar: moving it starts a transition, the end (released) finishes it. */
  moveBar(position: number, release: boolean): void {
    const { production } = this;
    const { preview } = this;
    if (!this.bar && preview && position > 0) {
      this.bar = { from: production.current.program, to: preview };
      production.emit('SceneTransitionStarted', this.named());
    }
    if (!this.bar || !release) return;
    const { from, to } = this.bar;
    this.bar = null;
    if (position < 0.5) {
      production.emit('SceneTransitionEnded', this.named());
      return;
    }
    production.current.program = to;
    production.tellActive();
    this.running?.cancel();
    this.running = {
      cancel: production.clock.after(this.durationMs, () => this.finish(to, from)),
      startedAt: performance.now(),
      durationMs: this.durationMs,
      swap: from,
    };
  }

  end(): void {
    this.running?.cancel();
    this.running = null;
    this.bar = null;
  }

  private run(scene: Scene, swap: Scene | null): void {
    const { production } = this;
    this.running?.cancel();
    const transition = (scene.transition !== null && this.find(scene.transition)) || this.current;
    const durationMs = transition.fixed ? 0 : (scene.transitionMs ?? this.durationMs);
    production.emit('SceneTransitionStarted', this.named(transition));
    const cancel = production.clock.after(durationMs, () => this.finish(scene, swap, transition));
    this.running = { cancel, startedAt: performance.now(), durationMs, swap };
  }

  private finish(scene: Scene, swap: Scene | null, transition = this.current): void {
    const { production } = this;
    this.running = null;
    production.emit('SceneTransitionVideoEnded', this.named(transition));
    if (swap && this.studioMode) this.setPreview(swap);
    if (production.current.program === scene) {
      production.emit('CurrentProgramSceneChanged', production.named('scene', scene));
    }
    production.clock.after(transition.fixed ? 0 : 7, () =>
      production.emit('SceneTransitionEnded', this.named(transition)),
    );
  }

  private named(transition = this.current): Record<string, unknown> {
    return this.production.named('transition', transition);
  }
}

import type { Cancel, Clock } from './clock';
import type { SimulatedPublishers } from './publishers';
import type { Input } from './sources';

export type MediaState =
  'NONE' | 'OPENING' | 'BUFFERING' | 'PLAYING' | 'PAUSED' | 'STOPPED' | 'ENDED' | 'ERROR';

/** What the playing of media needs of the rest of the simulated OBS. */
export interface PlaybackHost {
  readonly clock: Clock;
  readonly publishers: SimulatedPublishers;
  readonly random: () => number;
  /** an event of this input */
  tell(type: string, input: Input, data?: Record<string, unknown>): void;
  /** the source has another size now */
  resized(input: Input): void;
}

/** What a source shows by itself: nothing, a picture that stands, or one that moves. */
export type Moving = 'nothing' | 'still' | 'moving';

/** What an input that plays media is doing. Sizes are 0 before the first picture, as in OBS. Cursors keep real time. */
export abstract class Playback {
  state: MediaState = 'NONE';
  width = 0;
  height = 0;
  /** pictures a second */
  fps = 30;
  /** OBS drew it at least once since it has pictures, so it is not black when it is shown */
  drawn = false;
  /** in ms; Infinity where nobody knows */
  durationMs = Infinity;
  protected shown = false;
  protected active = false;
  private at = 0;
  private runsSince: number | null = null;
  private readonly timers = new Set<Cancel>();

  constructor(
    protected readonly input: Input,
    protected readonly host: PlaybackHost,
  ) {}

  /** It was made, as OBS makes it: before it is in any scene. `loaded`: OBS has been up for a while, and what is a file plays. */
  abstract begin(loaded: boolean): void;
  /** Its settings were set. */
  abstract update(): void;
  /** PLAY, PAUSE, STOP or RESTART. */
  abstract act(action: string): void;

  /** It came into the program or the preview, or left both. */
  show(on: boolean): void {
    if (this.shown === on) return;
    this.shown = on;
    this.onShow(on);
  }

  /** It came into the program, or left it. */
  activate(on: boolean): void {
    if (this.active === on) return;
    this.active = on;
    this.onActivate(on);
  }

  /** It is gone. */
  end(): void {
    this.cancel();
    this.stand();
  }

  /** It has a cursor to tell. */
  get timed(): boolean {
    return this.state === 'PLAYING' || this.state === 'PAUSED';
  }

  /** Pictures come. */
  get runs(): boolean {
    return this.runsSince !== null;
  }

  /** in whole ms */
  get cursor(): number {
    return Math.floor(this.at + (this.runsSince === null ? 0 : performance.now() - this.runsSince));
  }

  set cursor(ms: number) {
    this.at = ms;
    if (this.runsSince !== null) this.runsSince = performance.now();
  }

  get picture(): Moving {
    if (this.width === 0) return 'nothing';
    return this.runs ? 'moving' : 'still';
  }

  protected onShow(_on: boolean): void {
    // most kinds do not care
  }

  protected onActivate(_on: boolean): void {
    // most kinds do not care
  }

  protected run(fromMs = this.cursor): void {
    this.at = fromMs;
    this.runsSince = performance.now();
  }

  protected stand(): void {
    this.at = this.cursor;
    this.runsSince = null;
  }

  protected resize(width: number, height: number): void {
    if (width === 0) this.drawn = false;
    if (this.width === width && this.height === height) return;
    this.width = width;
    this.height = height;
    this.host.resized(this.input);
  }

  protected later(ms: number, action: () => void): void {
    const cancel = this.host.clock.after(ms, () => {
      this.timers.delete(cancel);
      action();
    });
    this.timers.add(cancel);
  }

  /** Nothing that was planned happens any more. */
  protected cancel(): void {
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }

  protected setting(name: string): unknown {
    const { settings, about } = this.input;
    return settings[name] ?? about.defaults[name];
  }

  protected tell(what: 'Started' | 'Ended'): void {
    this.host.tell(`MediaInputPlayback${what}`, this.input);
  }
}

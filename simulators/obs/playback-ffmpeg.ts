import { Playback } from './playback';

/** OBS plays what it has read ahead: so long after a publisher's death. Measured on 29.0.2: 1.6 s. */
const READ_AHEAD_MS = 1500;
/** What a waiting reader takes from a publisher's coming to his first picture, measured. */
const RETURN_MS = 900;

/** `ffmpeg_source`, measured on OBS 29.0.2: it says PLAYING before it knows anything, and has no error. */
export class FfmpegPlayback extends Playback {
  private unwatch: (() => void) | null = null;

  begin(loaded: boolean): void {
    // its events are not heard yet when it is made
    if (this.address !== '' && !this.waitsForAir) this.start(false, loaded ? 0 : 30);
  }

  update(): void {
    if (this.address === '') {
      this.leave();
      this.stand();
      this.state = 'NONE';
      this.resize(0, 0);
    } else if (this.active || !this.waitsForAir) this.start();
  }

  act(action: string): void {
    if (action === 'RESTART') {
      // one that nobody sees only says that it plays. Source: ffmpeg_source_restart of OBS 29
      if (this.shown) this.start();
      else this.state = 'PLAYING';
    } else if (action === 'STOP') this.stop(40);
    else if (action === 'PAUSE') {
      this.stand();
      this.state = 'PAUSED';
    } else if (action === 'PLAY') {
      const wasPaused = this.state === 'PAUSED';
      if (this.state === 'NONE') {
        this.start();
        return;
      }
      if (wasPaused && this.width > 0) this.run();
      // measured: after an end it says that it plays, and stands; only RESTART helps
      this.state = 'PLAYING';
      this.tell('Started');
      if (wasPaused) this.planEnd();
    }
  }

  override end(): void {
    this.leave();
    super.end();
  }

  /** The cursor was set, so the end is elsewhere. */
  override set cursor(ms: number) {
    super.cursor = ms;
    if (this.runs && !this.isNetwork) {
      this.cancel();
      this.planEnd();
    }
  }

  override get cursor(): number {
    const at = super.cursor;
    return this.setting('looping') === true && Number.isFinite(this.durationMs) ? at % this.durationMs : at;
  }

  protected override onActivate(on: boolean): void {
    if (this.setting('restart_on_activate') !== true || this.address === '') return;
    if (on) {
      this.start();
      const mediaAction = 'OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART';
      this.host.tell('MediaInputActionTriggered', this.input, { mediaAction });
    } else this.stop(0);
  }

  private get address(): string {
    const isFile = this.setting('is_local_file') !== false;
    const address = isFile ? (this.setting('local_file') ?? this.setting('input')) : this.setting('input');
    return typeof address === 'string' ? address : '';
  }

  private get isMade(): boolean {
    return this.setting('input_format') === 'lavfi';
  }

  private get isNetwork(): boolean {
    return this.setting('is_local_file') === false && !this.isMade;
  }

  /** It starts only when it comes on air. */
  private get waitsForAir(): boolean {
    return this.setting('restart_on_activate') === true && !this.active;
  }

  /** rw_timeout in ms; null: none is set */
  private get readTimeoutMs(): number | null {
    const options = this.setting('ffmpeg_options');
    const found = typeof options === 'string' ? /(?:^|\s)rw_timeout=(\d+)/.exec(options)?.[1] : undefined;
    return found === undefined ? null : Number(found) / 1000;
  }

  private start(told = true, openMs = 50): void {
    this.leave();
    this.stand();
    this.state = 'PLAYING';
    this.cursor = 0;
    this.resize(0, 0);
    if (told) this.tell('Started');
    if (!this.isNetwork) {
      this.durationMs = this.duration();
      if (openMs === 0) this.open(...this.size(), 0);
      else this.later(openMs, () => this.open(...this.size(), 0));
      return;
    }
    const { address } = this;
    this.durationMs = Infinity;
    this.unwatch = this.host.publishers.watch(address, () => this.changed());
    this.reach(null);
  }

  /** Look who is at the address; `returnMs`: the connection stands already, and that is what his first picture takes. */
  private reach(returnMs: number | null): void {
    const { presence, firstFrameMs, width, height, fps, sinceMs } = this.host.publishers.of(this.address);
    this.cancel();
    if (presence === 'refused') this.later(returnMs === null ? 1 : 20, () => this.lose());
    else if (presence === 'publishing') {
      // measured: 1.6 to 3.1 s; the cursor is there before the picture, and has the publisher's time
      const ms = firstFrameMs ?? returnMs ?? 1900 + this.host.random() * 1200;
      this.later(ms * 0.85, () => {
        if (this.width === 0) this.cursor = Math.max(33, performance.now() - sinceMs - READ_AHEAD_MS);
      });
      this.later(ms, () => {
        this.fps = fps;
        this.open(width, height, Math.max(33, performance.now() - sinceMs - READ_AHEAD_MS));
      });
    } else {
      const { readTimeoutMs } = this;
      if (this.runs) {
        this.later(READ_AHEAD_MS, () => this.stand());
        if (readTimeoutMs !== null) this.later(READ_AHEAD_MS + readTimeoutMs * 1.5, () => this.lose());
      } else if (readTimeoutMs !== null) this.later(readTimeoutMs * 1.12, () => this.lose());
    }
  }

  private changed(): void {
    if (this.state === 'PLAYING') this.reach(RETURN_MS);
  }

  private open(width: number, height: number, fromMs: number): void {
    if (width > 0) this.resize(width, height);
    if (this.state === 'PAUSED') return;
    this.run(fromMs);
    this.planEnd();
  }

  /** What is no network stream ends by itself, unless it loops. */
  private planEnd(): void {
    if (this.isNetwork || this.setting('looping') === true || !Number.isFinite(this.durationMs)) return;
    // cursors keep real time, whatever the speed
    this.later(Math.max(0, this.durationMs - this.cursor) * this.host.clock.speed, () => this.stop(0));
  }

  /** The connection is lost: ENDED, and tried again. A picture that stays at the end is gone with the next try. */
  private lose(): void {
    this.stop(0);
    const seconds = Number(this.setting('reconnect_delay_sec')) || 10;
    this.later(seconds * 1000, () => this.start());
  }

  private stop(tellAfterMs: number): void {
    const wasEnded = this.state === 'ENDED';
    this.leave();
    this.stand();
    this.state = 'ENDED';
    if (this.setting('clear_on_media_end') !== false) this.resize(0, 0);
    if (wasEnded) return;
    if (tellAfterMs === 0) this.tell('Ended');
    else this.host.clock.after(tellAfterMs, () => this.tell('Ended'));
  }

  private leave(): void {
    this.cancel();
    this.unwatch?.();
    this.unwatch = null;
  }

  /** What ffmpeg makes itself has the size it is asked for; a clip is in full HD. */
  private size(): [number, number] {
    if (!this.isMade) return [1920, 1080];
    const made = this.address;
    if (/^(a?sine|anullsrc|anoisesrc|aevalsrc)\b/.test(made)) return [0, 0];
    const [, width = 320, height = 240] = /[=:]s(?:ize)?=(\d+)x(\d+)/.exec(made) ?? [];
    return [Number(width), Number(height)];
  }

  /** A clip lasts a minute; what ffmpeg makes itself lasts for ever, unless it says how long. */
  private duration(): number {
    if (!this.isMade) return 60_000;
    const seconds = /[=:]d(?:uration)?=(\d+)/.exec(this.address)?.[1];
    return seconds === undefined ? Infinity : Number(seconds) * 1000;
  }
}

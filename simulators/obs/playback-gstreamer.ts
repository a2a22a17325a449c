import { readPipeline } from './pipeline';
import type { Pipeline } from './pipeline';
import { Playback } from './playback';

/** How soon the plugin notices that a publisher has left, measured: within 2.5 s. */
const NOTICE_MS = 2000;

/** `gstreamer-source` of obs-gstreamer, as measured and as its source has it. It never tells that it starts or ends. */
export class GstreamerPlayback extends Playback {
  private unwatch: (() => void) | null = null;
  private pipeline: Pipeline = readPipeline('');

  begin(): void {
    this.startUnlessHidden();
  }

  update(): void {
    this.stop();
    this.startUnlessHidden();
  }

  act(action: string): void {
    if (action === 'RESTART') this.start();
    else if (action === 'STOP') this.stop();
    else if (action === 'PAUSE') {
      this.stand();
      this.state = 'PAUSED';
    } else if (action === 'PLAY' && this.state === 'PAUSED') {
      this.state = 'PLAYING';
      if (this.width > 0) this.run();
    } else if (action === 'PLAY' && !this.timed) this.start();
  }

  override end(): void {
    this.leave();
    super.end();
  }

  protected override onShow(on: boolean): void {
    if (this.setting('stop_on_hide') !== true) return;
    if (on) this.start();
    else this.stop();
  }

  private startUnlessHidden(): void {
    if (this.setting('stop_on_hide') === true && !this.shown) this.state = 'STOPPED';
    else this.start();
  }

  private start(): void {
    this.leave();
    this.stand();
    this.cursor = 0;
    this.state = 'OPENING';
    this.pipeline = readPipeline(String(this.setting('pipeline')));
    const { broken, address } = this.pipeline;
    if (broken) this.later(5, () => this.fail(false));
    else if (address === null) this.later(200, () => this.open(320, 240, 30));
    else {
      this.unwatch = this.host.publishers.watch(address, () => this.reach(address));
      this.reach(address);
    }
  }

  private reach(address: string): void {
    const { presence, firstFrameMs, width, height, fps } = this.host.publishers.of(address);
    if (this.state === 'ENDED' || this.state === 'ERROR' || this.state === 'STOPPED') return;
    const { idleTimeoutMs, source } = this.pipeline;
    const running = this.runs;
    this.cancel();
    if (presence === 'publishing') {
      if (running && this.width === width && this.height === height) return;
      // measured: 1.7 to 2.1 s, or 0.9 to 1.1 s where nothing waits for the clock
      const quick = this.setting('sync_appsink_video') === false;
      const ms = firstFrameMs ?? (quick ? 880 : 1700) + this.host.random() * (quick ? 250 : 400);
      this.later(Math.min(50, ms / 4), () => (this.state = 'PAUSED'));
      this.later(Math.max(ms * 0.4, ms - 750), () => (this.state = 'PLAYING'));
      this.later(ms, () => this.open(width, height, fps));
    } else if (presence === 'refused') {
      // librtmp says nothing of it
      if (source === 'rtmpsrc' && !running) this.later(100, () => this.stop());
      else this.later(100, () => this.fail(true));
    } else if (running) {
      this.stand();
      if (idleTimeoutMs > 0) this.later(idleTimeoutMs, () => this.fail(true));
      else if (presence === 'nobody') this.later(NOTICE_MS, () => this.finish());
    } else {
      this.later(50, () => (this.state = 'PAUSED'));
      if (idleTimeoutMs > 0) this.later(idleTimeoutMs, () => this.fail(true));
    }
  }

  private open(width: number, height: number, fps: number): void {
    this.fps = fps;
    this.state = 'PLAYING';
    this.resize(width, height);
    this.run(0);
  }

  private finish(): void {
    this.over('ENDED', this.setting('restart_on_eos') === true);
  }

  private fail(again: boolean): void {
    this.over('ERROR', again && this.setting('restart_on_error') === true);
  }

  private over(state: 'ENDED' | 'ERROR', again: boolean): void {
    this.leave();
    this.stand();
    this.state = state;
    if (this.setting('clear_on_end') !== false) this.resize(0, 0);
    if (again) this.later(Number(this.setting('restart_timeout')), () => this.start());
  }

  private stop(): void {
    this.leave();
    this.stand();
    this.state = 'STOPPED';
    this.resize(0, 0);
  }

  private leave(): void {
    this.cancel();
    this.unwatch?.();
    this.unwatch = null;
  }
}

import type { Frames } from './frames';
import { sizeOf } from './geometry';
import type { Canvas } from './geometry';
import { inputsOf } from './on-air';
import type { Production } from './production';
import type { Input, Scene } from './sources';

/** What a watch needs of the simulated OBS. */
interface Watched {
  production: Production;
  frames: Frames;
  profiles: { fps: number; video: Canvas };
}

/**
 * Looks at every frame of a scene for a picture. As OBS draws: media that was never drawn has one only once a frame of its own falls into a frame of
 * the canvas, so the first visible frames of a slow source are black where nothing lies under it. Text and sound count for nothing.
 */
export class BlackWatch {
  /** how many frames were looked at */
  frames = 0;
  /** how many of them showed nothing */
  black = 0;
  private readonly release: () => void;

  /** @param scene null: what is on air */
  constructor(
    private readonly studio: Watched,
    private readonly scene: string | null,
  ) {
    const top = this.top();
    // what was visible before is drawn since long
    if (top) for (const { media } of inputsOf(top)) if (media && media.width > 0) media.drawn = true;
    this.release = studio.frames.onDrawn(() => this.draw());
  }

  stop(): void {
    this.release();
  }

  private top(): Scene | undefined {
    const { current, scenes } = this.studio.production;
    return this.scene === null ? current.program : scenes.find(({ name }) => name === this.scene);
  }

  private draw(): void {
    const top = this.top();
    if (!top) return;
    // each is drawn, also what lies under another
    const shown = [...inputsOf(top)].map((input) => this.hasPicture(input));
    this.frames += 1;
    if (!shown.includes(true)) this.black += 1;
  }

  private hasPicture(input: Input): boolean {
    const { about, media } = input;
    const { fps, video } = this.studio.profiles;
    if (!about.video || about.unversioned.startsWith('text_') || sizeOf(input, video).width === 0)
      return false;
    if (!media || media.drawn) return true;
    const { count } = this.studio.frames;
    const share = media.fps / fps;
    media.drawn = Math.floor((count + 1) * share) > Math.floor(count * share);
    return media.drawn;
  }
}

import type { PageFrame } from '../../lib/web/timeline/view';

/** The server says something every 15 s. */
const SILENT_MS = 40_000;
const FIRST_AGAIN_MS = 1_000;
const LAST_AGAIN_MS = 30_000;

/** New pictures as they come; opens by itself, and again when it broke. */
export class News {
  private source: EventSource | null = null;
  private againMs = FIRST_AGAIN_MS;
  private lastMs = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hears: {
      frame(frame: PageFrame): void;
      /** some were missed: look again */
      again(): void;
      /** the connection is there, or not */
      connected(is: boolean): void;
      over(): void;
    },
  ) {
    setInterval(() => {
      if (this.source && performance.now() - this.lastMs > SILENT_MS) this.lost();
    }, 5_000);
    for (const event of ['online', 'pageshow'])
      addEventListener(event, () => {
        if (this.againMs > FIRST_AGAIN_MS) this.open();
      });
  }

  open(): void {
    clearTimeout(this.timer);
    this.source?.close();
    const source = (this.source = new EventSource('events'));
    this.lastMs = performance.now();
    let before = this.againMs > FIRST_AGAIN_MS;
    const hear = <T>(name: string, act: (data: T) => void) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.lastMs = performance.now();
        if (this.source === source) act(JSON.parse(data) as T);
      });
    hear('hello', () => {
      this.againMs = FIRST_AGAIN_MS;
      this.hears.connected(true);
      if (before) this.hears.again();
      before = false;
    });
    hear('beat', () => undefined);
    hear('frame', (frame: PageFrame) => this.hears.frame(frame));
    hear('missed', () => this.hears.again());
    hear('over', () => {
      this.close();
      this.hears.over();
    });
    source.onerror = () => {
      if (this.source === source) this.lost();
    };
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  private lost(): void {
    this.close();
    this.hears.connected(false);
    this.timer = setTimeout(() => this.open(), this.againMs * (0.5 + Math.random() / 2));
    this.againMs = Math.min(this.againMs * 1.6, LAST_AGAIN_MS);
  }
}

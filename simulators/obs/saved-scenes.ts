import type { Clock } from './clock';
import { copyCollection } from './sources';
import type { Collection } from './sources';

/** What a start finds: what OBS had written down, what it had at its end, or what it had written down before its last change. */
export type RestoredScenes = 'saved' | 'now' | 'older';

const KEPT = 20;

/**
 * The file of scenes. Measured on 29.0.2: OBS writes it 5 to 20 ms after something was created, renamed or moved in its order, and for
 * nothing else: no visibility, no setting, no volume, no filter, and not when an input is removed.
 */
export class SavedScenes {
  private readonly kept: Collection[] = [];
  private planned = false;

  constructor(
    private readonly clock: Clock,
    private readonly now: () => Collection,
  ) {}

  /** Something happened that OBS writes down. */
  plan(): void {
    if (this.planned) return;
    this.planned = true;
    this.clock.after(10, () => {
      if (this.planned) this.write();
    });
  }

  /** The program is gone: what was not written yet is lost. */
  drop(): void {
    this.planned = false;
  }

  /** Write at once, as at a clean end. */
  write(): void {
    this.planned = false;
    this.kept.push(copyCollection(this.now()));
    if (this.kept.length > KEPT) this.kept.shift();
  }

  /** What a start finds. What was not written yet is lost, but with `now`. */
  read(which: RestoredScenes): Collection {
    const name = this.now().name;
    const written = this.kept.filter((collection) => collection.name === name);
    const found = which === 'now' ? this.now() : written.at(which === 'older' ? -2 : -1);
    return copyCollection(found ?? written[0] ?? this.now());
  }
}

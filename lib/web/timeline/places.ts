import type { Release } from '../../production/application';
import type { Audience } from './tokens';

export interface PlaceOptions {
  most: number;
  /** for all who come from one address by one door */
  fromOne: number;
  /** so many of them are for the editor alone */
  forEditor: number;
}

/** So many at once, and nobody takes them all: whoever has a link must not keep the editor out. */
export class Places {
  private readonly taken = new Map<string, number>();
  private all = 0;
  private pages = 0;

  constructor(private readonly options: PlaceOptions) {}

  /** A place, until the release; null where there is none for who comes from there by this door. */
  take({ from, audience }: { from: string; audience: Audience }): Release | null {
    const { most, fromOne, forEditor } = this.options;
    const isPage = audience === 'page';
    const key = `${audience} ${from}`;
    const mine = this.taken.get(key) ?? 0;
    if (this.all >= most || mine >= fromOne || (isPage && this.pages >= most - forEditor)) return null;
    this.count(key, isPage, 1);
    let isFree = false;
    return () => {
      if (!isFree) this.count(key, isPage, -1);
      isFree = true;
    };
  }

  private count(key: string, isPage: boolean, by: number): void {
    this.all += by;
    if (isPage) this.pages += by;
    const mine = (this.taken.get(key) ?? 0) + by;
    if (mine > 0) this.taken.set(key, mine);
    else this.taken.delete(key);
  }
}

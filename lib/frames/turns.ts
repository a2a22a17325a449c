/** Decoders one after the other. What a later one gives waits for as long as one before it still gives out its last pictures, so that none comes out of order. */
export class Turns {
  private readonly draining = new Set<number>();
  private readonly early: { turn: number; show: () => void }[] = [];

  /** Something of this turn has come. */
  comes(turn: number, show: () => void): void {
    if ([...this.draining].some((earlier) => earlier < turn)) this.early.push({ turn, show });
    else show();
  }

  /** This one gives out its last pictures from now on. */
  drains(turn: number): void {
    this.draining.add(turn);
  }

  /** It has ended, whether it drained or not. */
  ended(turn: number): void {
    this.draining.delete(turn);
    for (const { turn: later, show } of this.early.splice(0)) this.comes(later, show);
  }
}

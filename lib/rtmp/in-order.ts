/**
 * Tells one thing after the other: what a listener brings about while it hears one is told to everybody behind it, and not to some before it.
 */
export class InOrder<T> {
  private readonly waiting: T[] = [];
  private isTelling = false;

  /** @param hear tells it to everybody; does not throw */
  constructor(private readonly hear: (value: T) => void) {}

  tell(value: T): void {
    this.waiting.push(value);
    if (this.isTelling) return;
    this.isTelling = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.hear(next);
    this.isTelling = false;
  }
}

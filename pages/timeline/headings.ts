import { el, setText } from '../shared/dom';
import type { Section } from './layout';
import { DAY_MS, HOUR_MS, clock, day, floorLocal } from './time';

/** The times between the pictures: those of the sections on screen, and no others. */
export class Headings {
  private readonly all = new Map<number, HTMLElement>();

  constructor(private readonly space: HTMLElement) {}

  /** Show those from one section to another. */
  draw(sections: readonly Section[], first: number, last: number): void {
    for (const [at, node] of [...this.all])
      if (at < first || at > last || sections[at] === undefined) {
        node.remove();
        this.all.delete(at);
      }
    for (let at = first; at <= last; at++) {
      const section = sections[at]!;
      let node = this.all.get(at);
      if (!node) {
        node = el('h2', { class: 'heading' });
        this.all.set(at, node);
        this.space.append(node);
      }
      node.style.transform = `translateY(${section.top}px)`;
      const previous = sections[at - 1];
      const newDay = !previous || floorLocal(previous.at, DAY_MS) !== floorLocal(section.at, DAY_MS);
      const isDay = section.to - section.at > HOUR_MS;
      node.classList.toggle('hour', newDay || floorLocal(section.at, HOUR_MS) === section.at);
      const time = clock(section.at);
      setText(node, isDay ? day(section.at) : newDay ? `${time}  ${day(section.at)}` : time);
    }
  }
}

import { escapeHtml } from '../../witness/report/escape';
import type { PublicEntry, PublicQueue } from './view';

/** Seed 003's `queue-list`: the queue as a page without any script. Names are made harmless here. */
export function queueListHtml(queue: PublicQueue | null, title: string): string {
  const heading = escapeHtml(title);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${heading}</title><link rel="stylesheet" href="style.css"><link rel="icon" href="icon.svg">`,
    '</head><body class="plain"><main>',
    `<h1>${heading}</h1>`,
    ...(queue ? bodyOf(queue) : ['<p>The queue is not open at the moment.</p>']),
    // a page that loads itself anew takes the place away from who reads with a screen reader
    '<p><a href="queue-list">Look again</a></p>',
    '</main></body></html>',
    '',
  ].join('\n');
}

function bodyOf(queue: PublicQueue): string[] {
  const { lead, waiting, onHold, serverReachable } = queue;
  return [
    ...(serverReachable === false
      ? ['<p>The streaming server cannot be asked at the moment: this may be old.</p>']
      : []),
    ...(onHold ? ['<p>The queue is on hold.</p>'] : []),
    '<h2>On air</h2>',
    lead ? `<p><strong>${escapeHtml(lead.name)}</strong>${leftOf(lead)}</p>` : '<p>Nobody.</p>',
    '<h2>Waiting</h2>',
    waiting.length === 0
      ? '<p>Nobody waits.</p>'
      : `<ol>\n${waiting.map((entry) => `<li>${escapeHtml(entry.name)}${waitOf(entry)}</li>`).join('\n')}\n</ol>`,
  ];
}

function leftOf({ remainingMs }: PublicEntry): string {
  return remainingMs === null ? '' : `, ${minutes(remainingMs)} left`;
}

function waitOf({ startsInMs, held }: PublicEntry): string {
  if (held) return ' (held back)';
  return startsInMs === null ? '' : `, in ${minutes(startsInMs)} at the latest`;
}

function minutes(ms: number): string {
  const count = Math.ceil(ms / 60_000);
  return count <= 1 ? 'one minute' : `${count} minutes`;
}

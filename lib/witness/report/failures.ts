import { iso } from './marks';
import type { Draft } from './sessions';
import type { Story } from './story';
import type { Failure } from './types';
import { flagOf, textOf, type Values } from './values';

/** What went wrong at one moment, in its order. */
export function failuresOf(story: Story, name: (connection: string) => string): Failure[] {
  const out: Failure[] = [];
  const add = (ms: number, connection: string, event: string, sentence: string): void =>
    void out.push({ at: iso(ms), connection: name(connection), event, sentence });
  for (const { fact, stopped } of story.streams.failed) {
    const server = textOf(fact.payload.server);
    const to = server === null ? '' : ` (${server})`;
    add(
      fact.atMs,
      fact.connection,
      fact.event!,
      stopped
        ? `A start of the stream was stopped again before it counted as live${to}.`
        : `The stream could not be started${to}.`,
    );
  }
  const ended = (drafts: readonly Draft[], event: string, what: string): void => {
    for (const { endExpected, end, connection, seenMs } of drafts)
      if (endExpected === false)
        add(end?.ms ?? end?.notAfter ?? seenMs, connection, event, `${what}, and nobody had asked for it.`);
  };
  ended(story.streams.all, 'stream_stopped', 'The stream ended');
  ended(story.recordings.all, 'recording_stopped', 'The recording ended');
  for (const { atMs, connection, payload, event } of story.switches)
    add(
      atMs,
      connection,
      event!,
      event === 'source_switch_failed'
        ? (textOf(payload.message) ?? textOf(payload.reason) ?? 'A switch of the source failed.')
        : sourceGone(event === 'source_ended' ? 'ended' : 'stood still', payload),
    );
  for (const { key, at, outputs } of story.acts.stopAlls)
    for (const { name: output, error } of outputs)
      if (error !== null)
        add(Date.parse(at), key, 'emergency_stop_all', `Stop-all could not stop ${output}: ${error}`);
  return out.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** `The source on air in Main stood still (it gives no new picture); Slate was shown in its place.` */
function sourceGone(what: string, { scene, reason, fallback, fallbackShown }: Values): string {
  const [where, why, other] = [textOf(scene), textOf(reason), textOf(fallback)];
  const shown = other !== null && flagOf(fallbackShown) === true ? `; ${other} was shown in its place` : '';
  return `The source on air${where === null ? '' : ` in ${where}`} ${what}${why === null ? '' : ` (${why})`}${shown}.`;
}

import type { BadgeName } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import type { HealthWatch, ToldAlert } from '../../lib/health/watch';
import type { Application } from '../../lib/production/application';
import type { Picture } from '../../lib/production/pictures';
import type { ProductionEvent } from '../../lib/production/vocabulary';

/** A message that the mail node takes as it is. */
export function alertMessage(
  application: Application,
  alert: ToldAlert,
  event: ProductionEvent,
  picture: Picture | null,
) {
  const { live } = messageOfEvent(application, event);
  const msg = { topic: alert.subjectLine, payload: alert.text, alert, live };
  if (!picture) return msg;
  const filename = `program-${picture.takenAt.replace(/\W/g, '-')}.${picture.format}`;
  return { ...msg, attachments: [{ filename, content: picture.data, contentType: picture.contentType }] };
}

/** The verdict; where all is well, what runs. */
export function badgeOf(application: Application, watch: HealthWatch): BadgeName | null {
  const { verdict } = watch;
  if (verdict !== 'ok') return verdict;
  if (application.streams?.state() === 'live' || application.streamState?.(null) === 'live') return 'live';
  if (application.srt?.states().some(({ state }) => state === 'live')) return 'live';
  return application.recorder?.state() === 'recording' ? 'recording' : null;
}

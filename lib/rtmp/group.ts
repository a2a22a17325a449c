import type { Taken } from './media/meter';
import { readAudioTag, readVideoTag } from './media/tags';
import type { Tag } from './types';

/** What a tag is to whoever begins to play. */
export type TagRole = Pick<Taken, 'header' | 'keyframe'>;

/** The same of a tag that somebody else has measured. */
export function roleOf({ kind, payload }: Tag): TagRole {
  const video = kind === 'video' ? readVideoTag(payload) : null;
  const read = kind === 'audio' ? readAudioTag(payload) : video;
  return { header: read?.what === 'header', keyframe: video?.keyframe === true };
}

/** The tags since the last key frame, itself the first, bounded: what a player begins with. */
export class Group {
  private tags: Tag[] = [];
  private bytes = 0;

  constructor(private readonly limits: { mostGroupBytes: number; mostGroupTags: number }) {}

  add(tag: Tag, { header, keyframe }: TagRole): void {
    if (keyframe) this.clear();
    // before any key frame there is nothing to begin with; headers are sent before all
    else if (header || this.tags.length === 0) return;
    this.tags.push(tag);
    this.bytes += tag.payload.length;
    if (this.bytes > this.limits.mostGroupBytes || this.tags.length > this.limits.mostGroupTags) this.clear();
  }

  all(): readonly Tag[] {
    return this.tags;
  }

  clear(): void {
    this.tags = [];
    this.bytes = 0;
  }
}

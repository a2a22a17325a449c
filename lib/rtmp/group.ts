import { readAudioTag, readVideoTag } from './media/tags';
import type { Tag } from './types';

/** What a tag is to whoever begins to play. */
export type TagRole = 'header' | 'keyframe' | 'frame';

/** Reads of a tag what players need to know. */
export function roleOf({ kind, payload }: Tag): TagRole {
  if (kind === 'data') return 'frame';
  const read = kind === 'video' ? readVideoTag(payload) : readAudioTag(payload);
  if (read?.what === 'header') return 'header';
  return read && 'keyframe' in read && read.keyframe ? 'keyframe' : 'frame';
}

/** The tags since the last key frame, itself the first, bounded: what a player begins with. */
export class Group {
  private tags: Tag[] = [];
  private bytes = 0;

  constructor(private readonly limits: { mostGroupBytes: number; mostGroupTags: number }) {}

  add(tag: Tag): void {
    const role = roleOf(tag);
    if (role === 'keyframe') this.clear();
    // before any key frame there is nothing to begin with
    else if (role === 'header' || this.tags.length === 0) return;
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

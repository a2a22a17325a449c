import type { StreamHeaders, Tag } from '../types';
import { readAudioTag, readVideoTag } from './tags';

/** Keeps what somebody needs who begins in the middle of a stream. */
export class HeaderKeeper {
  private metadata: Tag | null = null;
  private video: Tag | null = null;
  private audio: Tag | null = null;
  private keyframe: Tag | null = null;

  take(tag: Tag): void {
    if (tag.kind === 'video') {
      const read = readVideoTag(tag.payload);
      if (read?.what === 'header') {
        // a key frame belongs to the header before it, which some publishers repeat
        if (!this.video?.payload.equals(tag.payload)) this.keyframe = null;
        this.video = tag;
      } else if (read?.keyframe) this.keyframe = tag;
    } else if (tag.kind === 'audio') {
      if (readAudioTag(tag.payload)?.what === 'header') this.audio = tag;
    } else if (isMetadata(tag.payload)) this.metadata = tag;
  }

  get(): StreamHeaders {
    return { metadata: this.metadata, video: this.video, audio: this.audio, keyframe: this.keyframe };
  }
}

/** Whether a data message is `onMetaData`, as a server tells it or as a publisher sets it (`@setDataFrame`). */
function isMetadata(payload: Buffer): boolean {
  return payload.toString('latin1', 0, 64).includes('onMetaData');
}

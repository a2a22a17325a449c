/** The error codes of our own ingest, of pictures and their store; a part of the page `errors.ts`. */
export const CAPTURE_ERRORS = {
  INGEST_MISSING: 'No ingest is chosen. Open the node and choose one.',
  INGEST_LISTEN:
    'The ingest cannot listen at {where} ({reason}). Choose another port, or end the program that has it; it is tried again by itself.',
  INGEST_UNGUARDED:
    'Nobody says who may publish to this ingest. Choose stream keys in its dialog, or put a publish gate on its media server.',
  INGEST_PROCESS:
    'The process of the ingest ended ({reason}). It is started again by itself, and who published may come back; if it keeps ending, give the machine more memory or update this package.',
  INGEST_NOBODY: 'Nobody publishes "{stream}" to the ingest now.',
  INGEST_SEVERAL: 'Several publish to the ingest now: {streams}. Name the stream.',

  FRAMES_SOURCE_MISSING:
    'No source of pictures is chosen. Open the node and choose an ingest, a media server or an address.',
  FRAMES_NO_FFMPEG:
    'ffmpeg was not found ({reason}), so no pictures can be taken. Install it, or set its path in the ingest or the node.',
  FRAMES_SIZE:
    'The pictures of "{stream}" are {width} x {height}, and the limit is {maxWidth} x {maxHeight}. Raise it, or send smaller ones.',
  FRAMES_CODEC: 'The stream "{stream}" comes as {codec}, and pictures are taken of H.264 only. Send H.264.',
  FRAMES_NONE: 'There is no picture of "{stream}" now. Is it published?',
  FRAMES_DECODER: 'The decoder of "{stream}" ended ({reason}); it starts again with the next key frame.',
  FRAMES_PULL: 'The stream at {where} cannot be read ({reason}); it is tried again by itself.',

  FRAME_STORE_MISSING: 'No frame store is chosen. Open the node and choose one.',
  FRAMES_BUSY:
    'Another process has the frame store in {path}. Give this one a folder of its own, or end the other.',
  FRAMES_NOT_WRITTEN: 'The picture could not be written to {path} ({reason}), so it is not kept.',
  FRAMES_UNKNOWN: 'The frame store has no picture "{id}".',
  FRAMES_CHANGED:
    'The picture "{id}" is not the one that was kept: its hash differs. Somebody has changed the file.',
  FRAMES_QUERY_INVALID: 'The frame store cannot answer this: {reason}.',
} as const;

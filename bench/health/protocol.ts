// What the benchmark and its processes say to each other.

/** OBS asks for a password unless somebody switched that off. */
export const PASSWORD = 'Tz7kQm4VwX9bLr2N';

/** What one client of OBS has sent so far. */
export interface Sent {
  /** WebSocket messages: a batch is one */
  messages: number;
  /** the requests in them */
  requests: number;
  /** messages that hold a reading of the stream */
  readings: number;
}

/** Processor time of a process and messages it got from OBS, so far. */
export interface Spent {
  /** microseconds */
  cpuUs: number;
  /** milliseconds of the process's own clock */
  atMs: number;
  heard: number;
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where a listener of ours listens. */
export interface ListenAddress {
  /** 127.0.0.1 by default */
  host: string;
  port: number;
}

/** Takes every request below its path; `rest` is what of the path comes behind, with its slash, without the query. */
export type WebHandler = (request: IncomingMessage, response: ServerResponse, rest: string) => void;

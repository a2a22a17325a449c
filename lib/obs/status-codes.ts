/**
 * What a request status of obs-websocket means. The server sends no comment for most of them (measured on 5.1.0), so
 * the words are ours. Source: RequestStatus of the obs-websocket 5 protocol.
 */
const REASONS: Record<number, string> = {
  203: 'the request has no type',
  204: 'this OBS does not know the request',
  205: 'the request failed',
  206: 'this request is not possible in this kind of batch',
  207: 'OBS is not ready: it is loading or changing its scene collection',
  300: 'a field is missing',
  301: 'the request data is missing',
  400: 'a field has an invalid value',
  401: 'a field has the wrong type',
  402: 'a number is out of range',
  403: 'a field is empty',
  404: 'there are too many fields',
  500: 'the output is already running',
  501: 'the output is not running',
  502: 'the output is paused',
  503: 'the output is not paused',
  504: 'the output is disabled',
  505: 'studio mode is on',
  506: 'studio mode is off',
  600: 'nothing of that name exists',
  601: 'something of that name exists already',
  602: 'the thing named is of another kind',
  603: 'OBS has not enough resources',
  604: 'the thing named cannot do that now',
  605: 'the input kind is unknown',
  606: 'the resource is not configurable',
  607: 'the filter kind is unknown',
  700: 'OBS could not create it',
  701: 'OBS could not do it',
  702: 'OBS could not process the request',
  703: 'OBS cannot act in this state',
};

export const Status = {
  UnknownRequestType: 204,
  NotReady: 207,
  InvalidRequestField: 400,
  OutputRunning: 500,
  OutputNotRunning: 501,
  OutputPaused: 502,
  OutputNotPaused: 503,
  StudioModeNotActive: 506,
  ResourceNotFound: 600,
  ResourceAlreadyExists: 601,
  InvalidResourceType: 602,
  InvalidResourceState: 604,
  InvalidInputKind: 605,
  ResourceCreationFailed: 700,
  RequestProcessingFailed: 702,
} as const;

/** A sentence part for a status: the server's own comment where it gave one. */
export function reasonOf(code: number, comment: string | undefined): string {
  const known = REASONS[code];
  if (comment && known) return `${known} (${code}: ${comment})`;
  return comment ? `${comment} (${code})` : known ? `${known} (${code})` : `status ${code}`;
}

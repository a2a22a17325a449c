import type { RawData } from 'ws';
import type { Batch, BatchRequest, ExecutionType } from './batch';
import { isObject } from './fields';
import type { Data } from './fields';
import { Close } from './tables/codes';

/** A protocol fault that ends the connection. */
export class Farewell extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** What nlohmann's JSON calls an unsigned number. */
export const unsigned = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** A property of the message itself, never one of Object's. */
export function own(data: Data, name: string): unknown {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}

function batchRequest(entry: Data): BatchRequest {
  const requestType = own(entry, 'requestType');
  return {
    requestType: typeof requestType === 'string' ? requestType : '',
    requestId: own(entry, 'requestId'),
    requestData: own(entry, 'requestData'),
    inputVariables: own(entry, 'inputVariables'),
    outputVariables: own(entry, 'outputVariables'),
  };
}

/** The message as an object, or a Farewell. */
export function decode(raw: RawData, isBinary: boolean): Data {
  if (isBinary) {
    throw new Farewell(
      Close.DecodeError,
      'Your session encoding is set to Json, but a binary message was received.',
    );
  }
  let message: unknown;
  try {
    message = JSON.parse((raw as Buffer).toString('utf8'));
  } catch (error) {
    throw new Farewell(Close.DecodeError, `Unable to decode Json: ${(error as Error).message}`);
  }
  if (!isObject(message)) throw new Farewell(Close.DecodeError, 'You sent a non-object payload.');
  return message;
}

/** A batch as OBS checks it; `batch` is null where OBS would not survive it. */
export function readBatch(d: Data): { requestId: unknown; batch: Batch | null } {
  const requestId = own(d, 'requestId');
  if (requestId === undefined) {
    throw new Farewell(Close.MissingField, 'Your payload data is missing a `requestId`.');
  }
  const executionType = own(d, 'executionType') ?? 0;
  if (!unsigned(executionType)) {
    throw new Farewell(Close.InvalidFieldType, 'Your `executionType` is not a number.');
  }
  if (executionType > 2) {
    throw new Farewell(Close.InvalidFieldValue, 'Your `executionType` has an invalid value.');
  }
  const variables = own(d, 'variables') ?? null;
  if (variables !== null && executionType === 2) {
    throw new Farewell(Close.UnsupportedFeature, 'Variables are not supported in Parallel mode.');
  }
  const haltOnFailure = own(d, 'haltOnFailure') ?? false;
  if (typeof haltOnFailure !== 'boolean') {
    throw new Farewell(Close.InvalidFieldType, 'Your `haltOnFailure` is not a boolean.');
  }
  const requests = own(d, 'requests');
  if (requests === undefined) {
    throw new Farewell(Close.MissingField, 'Your payload data is missing a `requests`.');
  }
  if (!Array.isArray(requests)) {
    throw new Farewell(Close.InvalidFieldType, 'Your `requests` is not an array.');
  }
  if (!requests.every((entry) => entry === null || isObject(entry))) return { requestId, batch: null };
  return {
    requestId,
    batch: {
      executionType: executionType as ExecutionType,
      haltOnFailure,
      requests: requests.map((entry: unknown) => batchRequest(isObject(entry) ? entry : {})),
      variables: new Map(Object.entries(isObject(variables) ? variables : {})),
    },
  };
}

import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput, type Work } from '../../red/on-input';
import { InOrder, typedText, typedValue } from '../../red/typed-inputs';
import { forgetSecrets } from '../../red/message-secrets';
import type { ActionDef, Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { ObsApplication } from '../../lib/obs/application';
import type { RawRequests } from '../../lib/obs/raw-requests';
import type { BatchRequest, RequestData } from '../../lib/obs/session';
import { applicationName } from '../../lib/production/names';

interface ObsRequestDef extends ActionDef {
  mode: 'request' | 'batch';
  requestType: string;
  requestTypeType: string;
  requestData: string;
  requestDataType: string;
  batch: string;
  batchType: string;
  executionType: 'serial-realtime' | 'serial-frame';
  haltOnFailure: boolean;
}

/** What one message asks for. */
interface Task {
  action: string;
  send: (raw: RawRequests) => Promise<unknown>;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-obs-request', ObsRequest);

  function ObsRequest(this: Node, config: ObsRequestDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);

    const order = new InOrder();

    const take = async (field: string, value: string, type: string, msg: Message, work: Work) => {
      const found = await typedValue(RED, this, field, value, type, msg);
      forgetSecrets(RED, work, msg, { found, value, type });
      return found;
    };

    const request = async (msg: Message, work: Work): Promise<Task> => {
      const data = dataOf(
        await take('request data', config.requestData || '{}', config.requestDataType || 'json', msg, work),
        'request data',
      );
      const requestType = await typedText(
        RED,
        this,
        'request type',
        config.requestType,
        config.requestTypeType,
        msg,
      );
      if (requestType === null) throw fail('INPUT_INVALID', { field: 'request type', reason: 'it is empty' });
      return { action: requestType, send: (raw) => raw.call(requestType, data) };
    };

    const batch = async (msg: Message, work: Work): Promise<Task> => {
      const requests = batchOf(await take('batch', config.batch, config.batchType, msg, work));
      return {
        action: 'batch',
        send: (raw) =>
          raw.batch(requests, {
            executionType: config.executionType,
            haltOnFailure: config.haltOnFailure === true,
          }),
      };
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      const { action, send } = await order.run(() => (config.mode === 'batch' ? batch : request)(msg, work));
      const application = await use.ready();
      if (!(application instanceof ObsApplication))
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'OBS requests',
        });
      const payload = await send(application.raw);
      // a reply of OBS says "accepted", and nothing of what became of it
      return { payload, live: liveOfAction(action, application, beganAt, { confirmedBy: null }) };
    });
  }
};

function dataOf(value: unknown, field: string): RequestData {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value)) {
    mustBeJson(value, field);
    return value as RequestData;
  }
  throw fail('INPUT_INVALID', {
    field,
    reason: `it must be an object, not ${Array.isArray(value) ? 'a list' : typeof value}`,
  });
}

function batchOf(value: unknown): BatchRequest[] {
  if (!Array.isArray(value))
    throw fail('INPUT_INVALID', {
      field: 'batch',
      reason: 'it must be a list of {requestType, requestData}',
    });
  return value.map((entry: { requestType?: unknown; requestData?: unknown } | null, index) => {
    const field = `request ${index + 1} of the batch`;
    if (typeof entry?.requestType !== 'string')
      throw fail('INPUT_INVALID', { field, reason: 'it has no requestType' });
    const requestData = dataOf(entry.requestData, field);
    return { requestType: entry.requestType, ...(Object.keys(requestData).length ? { requestData } : {}) };
  });
}

/** The library would throw on it half-way. */
function mustBeJson(value: object, field: string): void {
  try {
    JSON.stringify(value);
  } catch {
    throw fail('INPUT_INVALID', { field, reason: 'it holds itself, or a value that JSON has no form for' });
  }
}

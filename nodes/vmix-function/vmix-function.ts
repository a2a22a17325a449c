import { adminPost } from '../../red/admin-routes';
import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { forgetTexts } from '../../red/message-secrets';
import { liveOfAction } from '../../red/messages';
import { onInput, type Work } from '../../red/on-input';
import { InOrder, choiceField, typedText, typedValue } from '../../red/typed-inputs';
import type { Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';
import { VmixApplication } from '../../lib/vmix/application';
import { findFunction } from '../../lib/vmix/functions';
import { doubtOf } from '../../lib/vmix/functions/guard';
import type { FunctionCall } from '../../lib/vmix/functions/query';
import {
  PARAMETER_NAMES,
  callOf,
  secretTexts,
  type TypedParameters,
} from '../../lib/vmix/functions/typed-call';
import { fieldOf, stepsOf, wholeObject } from './reading';
import { functionRow } from './row';
import { MODES, type VmixFunctionDef } from './types';

/** Of so many unknown names the log is warned once each. */
const MOST_WARNED = 100;
const UNCONFIRMED =
  'vMix answers OK before anything is done; where it matters, ask the status node or use the node that confirms';

export = function (RED: NodeAPI): void {
  adminPost(
    RED,
    'vmix/function',
    () => 'live-production.read',
    ({ name }) => Promise.resolve({ row: functionRow(typeof name === 'string' ? name : '') }),
  );
  RED.nodes.registerType('live-vmix-function', VmixFunctionNode);

  function VmixFunctionNode(this: Node, config: VmixFunctionDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);
    const order = new InOrder();
    const warned = new Set<string>();
    const mode = config.mode ?? 'fields';

    const named = async (msg: Message): Promise<string> => {
      const { functionName, functionNameType } = config;
      const name = await typedText(RED, this, 'function', functionName, functionNameType, msg);
      if (name === null) throw fail('INPUT_INVALID', { field: 'function', reason: 'it is empty' });
      return name;
    };

    /** Only what this function takes: a field that the dialog hides may hold what another function was given. */
    const inFields = async (name: string, msg: Message): Promise<TypedParameters> => {
      const known = findFunction(name)?.parameters.map((parameter) => parameter.name);
      const typed: Record<string, unknown> = {};
      for (const parameter of PARAMETER_NAMES.filter((one) => known?.includes(one) ?? true)) {
        const { value, type } = fieldOf(config, parameter);
        typed[parameter] = await typedValue(RED, this, parameter, value, type, msg);
      }
      return typed;
    };

    const call = (name: string, typed: TypedParameters): FunctionCall => {
      const made = callOf(name, typed, config.allowBlank === true);
      const doubt = warned.has(name) ? null : doubtOf(name);
      if (doubt && warned.size < MOST_WARNED) {
        warned.add(name);
        this.warn(`${doubt} It is sent all the same.`);
      }
      return made;
    };

    const read = async (msg: Message, work: Work): Promise<FunctionCall[]> => {
      if (mode === 'batch') {
        const found = await typedValue(RED, this, 'functions', config.batch, config.batchType, msg);
        const steps = stepsOf(found);
        forgetTexts(
          work,
          msg,
          steps.flatMap(({ name, typed }) => secretTexts(name, typed)),
        );
        return steps.map(({ name, typed, field }) => {
          if (typeof name !== 'string')
            throw fail('INPUT_INVALID', { field, reason: 'it has no "function"' });
          return call(name, typed);
        });
      }
      const name = await named(msg);
      const typed =
        mode === 'fields'
          ? await inFields(name, msg)
          : wholeObject(
              await typedValue(RED, this, 'parameters', config.parameters, config.parametersType, msg),
            );
      forgetTexts(work, msg, secretTexts(name, typed));
      return [call(name, typed)];
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      choiceField('send', mode, MODES);
      const calls = await order.run(() => read(msg, work));
      const application = await use.ready();
      if (!(application instanceof VmixApplication))
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'vMix functions',
        });
      const payload =
        mode === 'batch'
          ? await application.raw.batch(calls, config.haltOnFailure === true)
          : await application.raw.call(calls[0]!);
      const live = { confirmedBy: null, unconfirmed: UNCONFIRMED };
      return { payload, live: liveOfAction('vmix-function', application, beganAt, live) };
    });
  }
};

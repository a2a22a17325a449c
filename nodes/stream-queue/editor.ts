/** The actions that each field commandUses to; the others hide it. */
const COMMAND_FIELDS: Record<string, string[]> = {
  who: ['kick', 'ban', 'unban', 'move', 'hold', 'resume'],
  seconds: ['ban', 'extend', 'limit'],
  to: ['move'],
  reason: ['ban'],
  again: ['limit'],
};
const COMMAND_NEEDS: Record<string, string[]> = {
  who: ['kick', 'ban', 'unban', 'move'],
  seconds: ['extend'],
  to: ['move'],
};

const commandOf = (node: EditorNode): string => liveProduction.currentText(node, 'action');
const commandUses = (node: EditorNode, property: string): boolean =>
  commandOf(node) === 'message' || COMMAND_FIELDS[property]!.includes(commandOf(node));

/** Filled where the chosen action needs it. */
function commandNeeds(node: EditorNode, value: unknown, property: string): Verdict {
  return (
    !COMMAND_NEEDS[property]!.includes(commandOf(node)) ||
    liveProduction.check.typedFilled(node, value, property)
  );
}

RED.nodes.registerType('live-stream-queue', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    queue: {
      value: '',
      type: 'live-guest-queue',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'queue');
      },
    },
    handOver: { value: 'switch' },
    action: { value: 'message' },
    who: {
      value: 'payload',
      validate(value, _options) {
        return commandNeeds(this, value, 'who');
      },
    },
    whoType: { value: 'msg' },
    seconds: {
      value: '',
      validate(value, _options) {
        return commandNeeds(this, value, 'seconds');
      },
    },
    secondsType: { value: 'num' },
    to: {
      value: '1',
      validate(value, _options) {
        return commandNeeds(this, value, 'to');
      },
    },
    toType: { value: 'num' },
    reason: { value: '' },
    reasonType: { value: 'str' },
    again: { value: false },
    changes: { value: false },
  },
  inputs: 1,
  outputs: 2,
  inputLabels: 'command, or what a switch says',
  outputLabels: ['who goes on air', 'events and state'],
  icon: 'live-stream-queue.svg',
  paletteLabel: 'stream queue',
  label() {
    const does = typeof this.action === 'string' && this.action !== 'message';
    return this.name || (does ? liveProduction.text(this, `node.${String(this.action)}`) : 'stream queue');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'queue');
    liveProduction.typed(this, 'who', ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    for (const property of ['seconds', 'to'])
      liveProduction.typed(this, property, ['num', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.typed(this, 'reason', ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.whenChanged(this, ['action'], () => {
      for (const property of Object.keys(COMMAND_FIELDS))
        liveProduction.row(this, property).toggle(commandUses(this, property));
      const action = commandOf(this);
      $('.live-by-message').toggle(action === 'message');
      $('.live-everybody').toggle(['hold', 'resume', 'message'].includes(action));
      const key = ['ban', 'extend', 'limit'].includes(action) ? action : 'seconds';
      liveProduction.relabel(this, 'seconds', `label.${key}`);
    });
  },
});

/** The actions that each field matters to; the others hide it. */
const SESSION_FIELDS: Record<string, string[]> = {
  session: ['create', 'get', 'start', 'stop', 'delete', 'rotate', 'token'],
  guest: ['create'],
  metadata: ['create'],
  minutes: ['token'],
  limitMinutes: ['create'],
  priority: ['create'],
};

const sessionAction = (node: EditorNode): string => liveProduction.currentText(node, 'action');
const sessionUses = (node: EditorNode, property: string): boolean =>
  sessionAction(node) === 'message' || SESSION_FIELDS[property]!.includes(sessionAction(node));

/** Filled where the chosen action cannot do without. */
function sessionNeeds(node: EditorNode, value: unknown, property: string): Verdict {
  const needed = sessionAction(node) !== 'message' && sessionUses(node, property);
  const mayBeEmpty = property === 'session' && sessionAction(node) === 'create';
  return !needed || mayBeEmpty || liveProduction.check.typedFilled(node, value, property);
}

RED.nodes.registerType('live-stream-session', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    keys: {
      value: '',
      type: 'live-stream-keys',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'keys');
      },
    },
    mediaServer: {
      value: '',
      type: 'live-media-server',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'mediaServer');
      },
    },
    action: { value: 'create' },
    session: {
      value: 'payload.session_id',
      validate(value, _options) {
        return sessionNeeds(this, value, 'session');
      },
    },
    sessionType: { value: 'msg' },
    guest: {
      value: 'payload.name',
      validate(value, _options) {
        return sessionNeeds(this, value, 'guest');
      },
    },
    guestType: { value: 'msg' },
    metadata: {
      value: 'payload.metadata',
      validate(value, _options) {
        return !sessionUses(this, 'metadata') || liveProduction.check.typedValue(this, value, 'metadata');
      },
    },
    metadataType: { value: 'msg' },
    minutes: {
      value: '60',
      validate(value, _options) {
        return sessionNeeds(this, value, 'minutes');
      },
    },
    minutesType: { value: 'num' },
    limitMinutes: { value: '' },
    limitMinutesType: { value: 'num' },
    priority: { value: '' },
    priorityType: { value: 'num' },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-stream-session.svg',
  paletteLabel: 'stream session',
  label() {
    const does = typeof this.action === 'string' && this.action !== 'message';
    return this.name || (does ? liveProduction.text(this, `node.${String(this.action)}`) : 'stream session');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'keys');
    liveProduction.anyConnection(this, 'mediaServer', liveProduction.text(this, 'noServer'));
    for (const property of ['session', 'guest'])
      liveProduction.typed(this, property, ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.typed(this, 'metadata', ['json', 'msg', 'flow', 'global', 'jsonata']);
    for (const property of ['minutes', 'limitMinutes', 'priority'])
      liveProduction.typed(this, property, ['num', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.whenChanged(this, ['action'], () => {
      const action = sessionAction(this);
      for (const property of Object.keys(SESSION_FIELDS))
        liveProduction.row(this, property).toggle(sessionUses(this, property));
      $('.live-by-message').toggle(action === 'message');
      $('.live-by-create').toggle(action === 'create' || action === 'message');
      liveProduction.relabel(this, 'session', action === 'token' ? 'label.stream' : 'label.session');
    });
  },
});

/** The actions that each field matters to; the others hide it. */
const FRAME_FIELDS: Record<string, string[]> = {
  stream: ['find', 'nearest', 'segments', 'buckets', 'verify', 'link'],
  from: ['find', 'segments', 'buckets'],
  to: ['find', 'segments', 'buckets'],
  at: ['nearest'],
  picture: ['find', 'nearest'],
  everySeconds: ['find', 'buckets'],
  changedOnly: ['find'],
  similarTo: ['find'],
  mostBits: ['find'],
  order: ['find', 'segments'],
  limit: ['find', 'segments'],
  cursor: ['find', 'segments'],
  validMinutes: ['link'],
};

function frameAction(node: EditorNode): string {
  return liveProduction.currentText(node, 'action');
}

function frameMatters(node: EditorNode, property: string): boolean {
  const action = frameAction(node);
  // a link is made only where the dialog says so
  return (action === 'message' && property !== 'validMinutes') || FRAME_FIELDS[property]!.includes(action);
}

/** The beginning of ISO 8601, as the runtime reads it; it looks closer. */
const TIME = /^(\d{9,}|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)$/i;
const LIKE = /^([0-9a-f]{16}|.*\/.*)$/;

/** A text written into the dialog that fits, or why not; what a message brings is the runtime's. */
function checkedText(node: EditorNode, property: string, value: unknown, fits: RegExp, key: string): Verdict {
  const typed = typeof value === 'string' ? value.trim() : '';
  if (typed === '' || !frameMatters(node, property) || liveProduction.check.fromEnvironment(typed))
    return true;
  if (liveProduction.current(node, `${property}Type`) !== 'str' || fits.test(typed)) return true;
  return `${liveProduction.text(node, `label.${property}`)}: ${liveProduction.text(node, `invalid.${key}`)}`;
}

RED.nodes.registerType('live-find-frames', {
  category: 'live guests',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    store: {
      value: '',
      type: 'live-frame-store',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'store');
      },
    },
    action: { value: 'find' },
    stream: {
      value: '',
      validate(value, _options) {
        const needed = frameAction(this) === 'nearest' || frameAction(this) === 'verify';
        return !needed || liveProduction.check.typedFilled(this, value, 'stream');
      },
    },
    streamType: { value: 'str' },
    from: {
      value: '',
      validate(value, _options) {
        return checkedText(this, 'from', value, TIME, 'time');
      },
    },
    fromType: { value: 'str' },
    to: {
      value: '',
      validate(value, _options) {
        return checkedText(this, 'to', value, TIME, 'time');
      },
    },
    toType: { value: 'str' },
    at: {
      value: '',
      validate(value, _options) {
        return checkedText(this, 'at', value, TIME, 'time');
      },
    },
    atType: { value: 'str' },
    picture: { value: 'none' },
    everySeconds: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'everySeconds', 0, 31_536_000);
      },
    },
    changedOnly: { value: false },
    similarTo: {
      value: '',
      validate(value, _options) {
        return checkedText(this, 'similarTo', value, LIKE, 'like');
      },
    },
    similarToType: { value: 'str' },
    mostBits: {
      value: '8',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostBits', 0, 64);
      },
    },
    order: { value: 'oldest' },
    limit: {
      value: '100',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'limit', 1, 1000);
      },
    },
    cursor: { value: '' },
    cursorType: { value: 'str' },
    validMinutes: { value: '1440' },
    validMinutesType: { value: 'num' },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-find-frames.svg',
  paletteLabel: 'find frames',
  label() {
    const does = typeof this.action === 'string' && !['find', 'message'].includes(this.action);
    return this.name || (does ? liveProduction.text(this, `node.${String(this.action)}`) : 'find frames');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'store');
    for (const property of ['stream', 'similarTo', 'cursor'])
      liveProduction.typed(this, property, ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.typed(this, 'validMinutes', ['num', 'msg', 'flow', 'global', 'env', 'jsonata']);
    for (const property of ['from', 'to', 'at'])
      liveProduction.typed(this, property, ['str', 'num', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.whenChanged(this, ['action'], () => {
      $('.live-by-message').toggle(frameAction(this) === 'message');
      for (const property of Object.keys(FRAME_FIELDS))
        liveProduction.row(this, property).toggle(frameMatters(this, property));
    });
  },
});

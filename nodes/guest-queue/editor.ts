RED.nodes.registerType('live-guest-queue', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    server: {
      value: '',
      type: 'live-media-server',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'server');
      },
    },
    limitMinutes: {
      value: '60',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'limitMinutes', 0, 10_080);
      },
    },
    onlyIfWaiting: { value: true },
    afterTurn: { value: 'kick' },
    graceSeconds: {
      value: '10',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'graceSeconds');
      },
    },
    mostEntries: {
      value: '100',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostEntries', 1, 1000);
      },
    },
    warnAt: { value: '60, 10' },
    secondPublisher: { value: 'reject' },
    rejoinSeconds: {
      value: '30',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'rejoinSeconds');
      },
    },
    admitSeconds: {
      value: '10',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'admitSeconds', 1, 86_400);
      },
    },
    switchSeconds: {
      value: '30',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'switchSeconds', 1, 86_400);
      },
    },
    mostFailures: {
      value: '3',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostFailures', 1, 100);
      },
    },
    missesToLeave: {
      value: '3',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'missesToLeave', 1, 100);
      },
    },
    folder: { value: '' },
  },
  icon: 'live-guest-queue.svg',
  paletteLabel: 'guest queue',
  label() {
    return this.name || 'guest queue';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'server');
  },
});

/** As in lib/web/guest-page/names.ts. */
const SHORTEST_CODE = 6;

/** Whether guests get their keys by the page. */
const joins = (node: EditorNode): boolean =>
  liveProduction.current(node, 'page') === true && liveProduction.current(node, 'pageJoin') !== false;

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
    warnAt: {
      value: '60, 10',
      validate(value, _options) {
        return liveProduction.check.secondsList(this, value, 'warnAt');
      },
    },
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
    page: { value: false },
    pageTitle: { value: '' },
    pageHost: {
      value: '127.0.0.1',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'page') !== true || liveProduction.check.host(this, value, 'pageHost')
        );
      },
    },
    pagePort: {
      value: '8932',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'page') !== true || liveProduction.check.port(this, value, 'pagePort')
        );
      },
    },
    pageJoin: { value: true },
    keys: {
      value: '',
      type: 'live-stream-keys',
      validate(value, _options) {
        return joins(this)
          ? liveProduction.check.reference(this, value, 'keys')
          : liveProduction.check.optionalReference(this, value, 'keys');
      },
    },
    pageAddress: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'page') !== true ||
          liveProduction.check.webAddressOrNone(this, value, 'pageAddress')
        );
      },
    },
    pageProxies: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'page') !== true ||
          liveProduction.check.networks(this, value, 'pageProxies')
        );
      },
    },
    pageTls: { value: '', type: 'tls-config', required: false },
    openOperator: { value: false },
  },
  credentials: {
    invitation: {
      type: 'password',
      validate(value, _options) {
        if (!joins(this)) return true;
        const filled = liveProduction.check.filled(this, value, 'invitation');
        return filled === true
          ? liveProduction.check.longEnough(this, value, 'invitation', SHORTEST_CODE)
          : filled;
      },
    },
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
    // the editor puts the first one there is into an empty field, and TLS is nobody's default
    if (!this.pageTls) liveProduction.clear(this, 'pageTls');
    const page = () => liveProduction.current(this, 'page') === true;
    const join = () => joins(this);
    liveProduction.showRows(this, ['page', 'pageJoin'], {
      pageTitle: page,
      pageHost: page,
      pagePort: page,
      pageJoin: page,
      keys: join,
      invitation: join,
      pageAddress: page,
      pageProxies: page,
      pageTls: page,
    });
  },
});

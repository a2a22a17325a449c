RED.nodes.registerType('live-srt-out', {
  category: 'live production',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'obs' },
    obs: {
      value: '',
      type: 'live-obs-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'vmix');
      },
    },
    action: { value: 'start' },
    sendAs: { value: 'stream' },
    output: { value: '1' },
    mode: { value: 'caller' },
    host: {
      value: '',
      validate(value, _options) {
        const now = (property: string) => liveProduction.currentText(this, property);
        const needed =
          now('application') !== 'vmix' &&
          now('mode') === 'caller' &&
          ['start', 'arm', 'message'].includes(now('action'));
        return needed
          ? liveProduction.check.typedFilled(this, value, 'host')
          : liveProduction.check.typedValue(this, value, 'host');
      },
    },
    hostType: { value: 'str' },
    port: {
      value: '9000',
      validate(value, _options) {
        const now = (property: string) => liveProduction.currentText(this, property);
        const unneeded = now('application') === 'vmix' || ['stop', 'disarm'].includes(now('action'));
        return (unneeded && value === '') || liveProduction.check.port(this, value, 'port');
      },
    },
    latencyMs: {
      value: '120',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'latencyMs', 20, 8000);
      },
    },
    secretsFrom: { value: 'here' },
    passphraseProperty: { value: 'passphrase' },
    streamIdProperty: { value: 'streamId' },
    keyLength: { value: 'auto' },
    secondProfile: { value: '' },
    videoKbps: {
      value: '4000',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'videoKbps', 100, 100000);
      },
    },
    audioKbps: {
      value: '160',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'audioKbps', 32, 512);
      },
    },
    callerSeconds: {
      value: '30',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'callerSeconds', 1, 600);
      },
    },
    confirmSeconds: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'confirmSeconds', 1, 600);
      },
    },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  credentials: {
    streamId: { type: 'password' },
    passphrase: {
      type: 'password',
      validate(value, _options) {
        return liveProduction.check.passphrase(this, value, 'srt');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-srt-out.svg',
  paletteLabel: 'srt out',
  label() {
    return this.name || liveProduction.text(this, `node.${String(this.action)}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.typed(this, 'host', ['str', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.liveList(this, 'secondProfile', { what: 'profiles' });
    const now = (property: string) => liveProduction.currentText(this, property);
    const onVmix = () => now('application') === 'vmix';
    const sets = () => ['start', 'arm', 'message'].includes(now('action'));
    const onObs = () => !onVmix() && sets();
    const beside = () => onObs() && now('sendAs') === 'beside';
    const listens = () => onObs() && now('mode') === 'listener';
    const secretsHere = () => onObs() && now('secretsFrom') === 'here';
    const secretsCome = () => onObs() && now('secretsFrom') === 'message';
    const deciding = ['application', 'action', 'sendAs', 'mode', 'secretsFrom'];
    liveProduction.showRows(this, deciding, {
      sendAs: () => !onVmix(),
      output: onVmix,
      mode: sets,
      host: sets,
      port: sets,
      latencyMs: sets,
      secretsFrom: onObs,
      passphrase: secretsHere,
      streamId: secretsHere,
      passphraseProperty: secretsCome,
      streamIdProperty: secretsCome,
      keyLength: onObs,
      secondProfile: beside,
      videoKbps: beside,
      audioKbps: beside,
      callerSeconds: listens,
      confirmSeconds: onObs,
    });
    const armings = liveProduction.field(this, 'action').find('option[value=arm], option[value=disarm]');
    liveProduction.whenChanged(this, deciding, () => {
      // arming is for the second output of OBS only
      const arms = !onVmix() && now('sendAs') === 'beside';
      armings.prop('disabled', !arms).prop('hidden', !arms);
      if (!arms && ['arm', 'disarm'].includes(now('action')))
        liveProduction.field(this, 'action').val('start').trigger('change');
      $('.live-tip-vmix').toggle(onVmix());
      $('.live-tip-beside').toggle(beside());
      $('.live-tip-message').toggle(now('action') === 'message');
      liveProduction.relabel(this, 'host', now('mode') === 'listener' ? 'label.bind' : 'label.host');
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    const now = (property: string) => liveProduction.currentText(this, property);
    // a secret nobody sees any more must not stay behind
    if (now('application') === 'vmix' || now('secretsFrom') === 'message')
      liveProduction.field(this, 'passphrase').add(liveProduction.field(this, 'streamId')).val('');
  },
});

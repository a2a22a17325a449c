const onVmix = (node: EditorNode) => liveProduction.currentText(node, 'application') === 'vmix';
const from = (node: EditorNode) => liveProduction.currentText(node, 'targetFrom');

/** On vMix each ticked channel has its own target, and none need have one. */
function checkTarget(node: EditorNode, value: unknown, channel: number): Verdict {
  const isAsked = onVmix(node) && from(node) !== 'message' && liveProduction.isTicked(node, channel);
  return !isAsked || liveProduction.check.optionalReference(node, value, `target${channel}`);
}

/** OBS has one target, vMix one for each channel: the same choice says so in other words. */
function offerTargets(node: EditorNode): void {
  const select = liveProduction.field(node, 'targetFrom');
  let hidden = false;
  liveProduction.whenChanged(node, ['application'], () => {
    const vmix = onVmix(node);
    const asSet = liveProduction.text(node, vmix ? 'targetFrom.vmix-channels' : 'targetFrom.as-set');
    liveProduction.reword(select.find('option[value="as-set"]'), asSet);
    // before it is disabled: a disabled option has no value
    const chosen = select.val();
    select.find('option[value="target"]').prop({ hidden: vmix, disabled: vmix });
    if (vmix && chosen === 'target') {
      hidden = true;
      select.val('as-set').trigger('change');
    } else if (!vmix && hidden) {
      hidden = false;
      select.val('target').trigger('change');
    }
  });
}

RED.nodes.registerType('live-start-stream', {
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
    targetFrom: { value: 'as-set' },
    target: {
      value: '',
      type: 'live-stream-target',
      validate(value, _options) {
        return (
          onVmix(this) || from(this) !== 'target' || liveProduction.check.reference(this, value, 'target')
        );
      },
    },
    targetName: {
      value: 'target',
      validate(value, _options) {
        return from(this) !== 'message' || liveProduction.check.typedFilled(this, value, 'targetName');
      },
    },
    targetNameType: { value: 'msg' },
    channel1: {
      value: true,
      validate(_value, _options) {
        return (
          !onVmix(this) ||
          from(this) === 'message' ||
          liveProduction.anyTicked(this) ||
          liveProduction.text(this, 'invalid.channels')
        );
      },
    },
    channel2: { value: false },
    channel3: { value: false },
    channel4: { value: false },
    channel5: { value: false },
    target1: {
      value: '',
      type: 'live-stream-target',
      required: false,
      validate(value, _options) {
        return checkTarget(this, value, 1);
      },
    },
    target2: {
      value: '',
      type: 'live-stream-target',
      required: false,
      validate(value, _options) {
        return checkTarget(this, value, 2);
      },
    },
    target3: {
      value: '',
      type: 'live-stream-target',
      required: false,
      validate(value, _options) {
        return checkTarget(this, value, 3);
      },
    },
    target4: {
      value: '',
      type: 'live-stream-target',
      required: false,
      validate(value, _options) {
        return checkTarget(this, value, 4);
      },
    },
    target5: {
      value: '',
      type: 'live-stream-target',
      required: false,
      validate(value, _options) {
        return checkTarget(this, value, 5);
      },
    },
    confirmSeconds: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'confirmSeconds', 1, 600);
      },
    },
    ifLive: { value: 'error' },
    ifOneFails: { value: 'leave' },
    onUnstable: { value: 'stop' },
    putBack: { value: false },
    mediaServer: {
      value: '',
      type: 'live-media-server',
      required: false,
      validate(value, _options) {
        return liveProduction.mediaServerVerdict(this, value);
      },
    },
    received: {
      value: '',
      validate(value, _options) {
        return liveProduction.receivedVerdict(this, value);
      },
    },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-start-stream.svg',
  paletteLabel: 'start stream',
  label() {
    return this.name || 'start stream';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels(index) {
    return liveProduction.text(this, index === 0 ? 'port.live' : 'port.failed');
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.typed(this, 'targetName', ['msg', 'flow', 'global', 'env', 'jsonata', 'str']);
    offerTargets(this);
    liveProduction.receiver(this);
    liveProduction.channels(this, ['targetFrom'], () => from(this) !== 'message');
    liveProduction.showRows(this, ['application', 'targetFrom'], {
      target: () => !onVmix(this) && from(this) === 'target',
      targetName: () => from(this) === 'message',
      channel1: () => onVmix(this),
      ifOneFails: () => onVmix(this),
      putBack: () => !onVmix(this) && from(this) !== 'as-set',
    });
    liveProduction.whenChanged(this, ['targetFrom'], () => {
      if (from(this) === 'target') liveProduction.preselect(this, 'target');
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    if (from(this) !== 'target') liveProduction.clear(this, 'target');
  },
});

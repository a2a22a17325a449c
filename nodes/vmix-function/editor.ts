type Row = import('./row').FunctionRow;

/** The properties of the dialog by vMix's name of the parameter. */
const PARAMETER_FIELDS: Record<string, string> = {
  Input: 'input',
  Value: 'value',
  Duration: 'duration',
  Mix: 'mix',
  Channel: 'channel',
  SelectedName: 'selectedName',
  SelectedIndex: 'selectedIndex',
};
const ELSEWHERE = ['msg', 'flow', 'global', 'env', 'jsonata'];

/** Whether a property counts in this mode. */
function inMode(node: EditorNode, ...modes: string[]): boolean {
  return modes.includes(liveProduction.currentText(node, 'mode') || 'fields');
}

/** Everything there is to say of a function, in sentences. */
function sayingsOf(node: EditorNode, answer: Row): { text: string; isFault: boolean } {
  const say = (key: string, values?: object) => liveProduction.text(node, `says.${key}`, values);
  const connection = RED.nodes.node(liveProduction.currentText(node, 'vmix'));
  const dangerous = answer.known ? answer.row.dangerous : answer.dangerous;
  const sentences: string[] = [];
  if (answer.known) {
    const { does, toggle, since, secret, parameters } = answer.row;
    sentences.push(say('does', { does: does.charAt(0).toUpperCase() + does.slice(1) }));
    if (toggle) sentences.push(say('toggle'));
    if (since > 23) sentences.push(say('since', { since }));
    if (secret) sentences.push(say('secret'));
    if (parameters.length === 0) sentences.push(say('none'));
  } else sentences.push(say('unknown', { advice: answer.advice }));
  if (dangerous) sentences.push(say('dangerous'));
  const isForbidden = dangerous && connection?.allowScripts !== true;
  return { text: sentences.join(' '), isFault: !answer.known || isForbidden };
}

/** Ask the runtime for the chosen function, and show of the fields those that it takes, with what they mean. */
function explain(node: EditorNode): void {
  const says = $('#live-function-says');
  let asked = '';
  let row: Row | null = null;
  const tell = (text: string, isFault = false) =>
    void says.text(text).toggleClass('live-note-fault', isFault);
  const show = () => {
    const parameters = row?.known ? row.row.parameters : null;
    const chosen = inMode(node, 'fields') && liveProduction.currentText(node, 'functionName') !== '';
    for (const [name, property] of Object.entries(PARAMETER_FIELDS)) {
      const parameter = parameters?.find((one) => one.name === name);
      const line = liveProduction.row(node, property).toggle(chosen && (!parameters || Boolean(parameter)));
      const key = parameter?.required ? 'says.needed' : 'says.may';
      line
        .find('.live-meaning')
        .text(parameter ? liveProduction.text(node, key, { meaning: parameter.meaning }) : '');
    }
    liveProduction.row(node, 'functionName').toggle(inMode(node, 'fields', 'object'));
    liveProduction.row(node, 'parameters').toggle(inMode(node, 'object'));
    liveProduction.row(node, 'batch').toggle(inMode(node, 'batch'));
    liveProduction.row(node, 'haltOnFailure').toggle(inMode(node, 'batch'));
  };
  const update = async () => {
    const typed = liveProduction.currentText(node, 'functionNameType') || 'str';
    const name = liveProduction.currentText(node, 'functionName');
    const wanted = `${typed} ${name} ${liveProduction.currentText(node, 'vmix')}`;
    if (wanted === asked) return show();
    asked = wanted;
    row = null;
    if (typed !== 'str' || name === '' || name.includes('${')) {
      tell(liveProduction.text(node, name === '' ? 'says.choose' : 'says.later'));
      return show();
    }
    const answer = await liveProduction.post<{ row: Row }>(node, 'vmix/function', { name });
    // another one was chosen meanwhile
    if (wanted !== asked) return;
    if (answer.ok) {
      row = answer.row;
      const { text, isFault } = sayingsOf(node, row);
      tell(text, isFault);
    } else tell(liveProduction.text(node, 'says.unread', { reason: answer.message }), true);
    show();
  };
  liveProduction.whenChanged(node, ['mode', 'functionName', 'functionNameType', 'vmix'], () => void update());
}

RED.nodes.registerType('live-vmix-function', {
  category: 'live production',
  color: '#C0DEED',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'vmix' },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'vmix');
      },
    },
    mode: { value: 'fields' },
    functionName: {
      value: '',
      validate(value, _options) {
        return inMode(this, 'batch') || liveProduction.check.typedFilled(this, value, 'functionName');
      },
    },
    functionNameType: { value: 'str' },
    input: { value: '' },
    inputType: { value: 'str' },
    value: { value: '' },
    valueType: { value: 'str' },
    duration: { value: '' },
    durationType: { value: 'str' },
    mix: { value: '' },
    mixType: { value: 'str' },
    channel: { value: '' },
    channelType: { value: 'str' },
    selectedName: { value: '' },
    selectedNameType: { value: 'str' },
    selectedIndex: { value: '' },
    selectedIndexType: { value: 'str' },
    parameters: {
      value: 'payload',
      validate(value, _options) {
        return !inMode(this, 'object') || liveProduction.check.typedValue(this, value, 'parameters');
      },
    },
    parametersType: { value: 'msg' },
    batch: {
      value: 'payload',
      validate(value, _options) {
        return !inMode(this, 'batch') || liveProduction.check.typedFilled(this, value, 'batch');
      },
    },
    batchType: { value: 'msg' },
    haltOnFailure: { value: true },
    allowBlank: { value: false },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-vmix-function.svg',
  paletteLabel: 'vmix function',
  label() {
    return (
      this.name ||
      (this.mode !== 'batch' && this.functionNameType === 'str' && String(this.functionName)) ||
      'vmix function'
    );
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.liveList(this, 'functionName', { what: 'functions', types: ELSEWHERE });
    liveProduction.liveList(this, 'input', { what: 'inputs', types: ELSEWHERE });
    for (const property of Object.values(PARAMETER_FIELDS))
      if (property !== 'input') liveProduction.typed(this, property, ['str', ...ELSEWHERE]);
    liveProduction.typed(this, 'parameters', ['msg', 'json', 'flow', 'global', 'jsonata']);
    liveProduction.typed(this, 'batch', ['msg', 'flow', 'global', 'json', 'jsonata']);
    explain(this);
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});

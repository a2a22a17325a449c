/** What the runtime tells of a deployed log; fields a fault leaves out are missing. */
interface LogState {
  fault?: string;
  vkey?: string;
  cosignerVkey?: string | null;
  folder?: string;
  now?: 'opening' | 'open' | 'failed' | 'closed' | 'unused';
  error?: string | null;
  entries?: number | null;
  signed?: number | null;
  lost?: number;
  cosigners?: { name: string; ok: boolean | null; reason: string | null }[];
  countersigning?: { logs: number; error: string | null } | null;
}

const LISTS = { cosigners: ['address', 'vkey'], logs: ['vkey'] } as const;
const SIMPLE = [
  'name',
  'folder',
  'fields',
  'durability',
  'ifFailed',
  'needed',
  'host',
  'port',
  'origin',
  'stateFolder',
  'longestText',
  'mostMegabytes',
  'checkpointSeconds',
  'checkpointEntries',
];

/** A list of rows with one text field for each column. */
function rowList(node: EditorNode, property: keyof typeof LISTS): void {
  const one = property === 'cosigners' ? 'cosigner' : 'log';
  const list = $(`#live-${property}`).editableList<Record<string, string>>({
    height: 'auto',
    removable: true,
    addButton: liveProduction.text(node, `${one}.add`),
    addItem: (row, _index, data) => {
      row.addClass('live-row');
      for (const column of LISTS[property])
        $('<input>', {
          type: 'text',
          class: `live-${one}-${column}`,
          placeholder: liveProduction.text(node, `placeholder.${column}`),
          'aria-label': liveProduction.text(node, `${one}.${column}`),
        })
          .val(data[column] ?? '')
          .appendTo(row);
    },
  });
  for (const row of Array.isArray(node[property]) ? (node[property] as Record<string, string>[]) : [])
    list.editableList('addItem', row);
}

function rowsOf(property: keyof typeof LISTS): Record<string, string>[] {
  const one = property === 'cosigners' ? 'cosigner' : 'log';
  const rows = $(`#live-${property}`).editableList('items').toArray() as unknown as JQuery[];
  return rows
    .map((row) =>
      Object.fromEntries(
        LISTS[property].map((column) => [
          column,
          String(row.find(`.live-${one}-${column}`).val() ?? '').trim(),
        ]),
      ),
    )
    .filter((row) => Object.values(row).some((value) => value !== ''));
}

function settingsOfDialog(node: EditorNode): object {
  const texts = SIMPLE.map((name): [string, string] => [name, liveProduction.currentText(node, name)]);
  const countersign = liveProduction.current(node, 'countersign') === true;
  return {
    id: node.id,
    ...Object.fromEntries(texts),
    countersign,
    cosigners: rowsOf('cosigners'),
    logs: rowsOf('logs'),
  };
}

/** One line of the log's state. */
function line(node: EditorNode, label: string, value: string): JQuery {
  return $('<div>', { class: 'form-row live-state-row' }).append(
    $('<label>').text(liveProduction.text(node, `state.${label}`)),
    $('<span>', { class: 'live-state-text' }).text(value),
  );
}

/** A key that is to be given to others, with a button that copies it. */
function keyLine(node: EditorNode, label: string, key: string): JQuery {
  const said = (name: string) => liveProduction.text(node, `state.${name}`);
  const field = $('<input>', {
    type: 'text',
    readonly: true,
    class: 'live-key',
    'aria-label': said(label),
  }).val(key);
  const copy = $('<button>', { type: 'button', class: 'red-ui-button' }).text(said('copy'));
  copy.on('click', () => {
    field.trigger('select');
    RED.clipboard.copyText(key, copy, 'clipboard.copyMessageValue');
  });
  return $('<div>', { class: 'form-row live-state-row' }).append(
    $('<label>').text(said(label)),
    field,
    copy,
    $('<div>', { class: 'live-note' }).text(said(`${label}Tip`)),
  );
}

function sayLog(node: EditorNode, state: LogState): string {
  const said = (key: string, values?: object) => liveProduction.text(node, `state.${key}`, values);
  const number = (value: number | null | undefined) => (value ?? 0).toLocaleString();
  const reason = state.fault ?? (state.now === 'failed' ? state.error : null);
  if (reason) return said('failed', { reason });
  if (state.now === 'opening') return said('opening');
  if (state.now !== 'open')
    return state.signed ? said('signed', { signed: number(state.signed) }) : said('nothing');
  const well = said('entries', { entries: number(state.entries), signed: number(state.signed) });
  return state.lost ? said('missed', { signed: well, lost: number(state.lost) }) : well;
}

/** Show how the deployed log is. Nothing of it is typed, so it stands below the fields. */
async function showState(node: EditorNode): Promise<void> {
  const said = (key: string, values?: object) => liveProduction.text(node, `state.${key}`, values);
  const answer = await liveProduction.post<{ state: LogState | null }>(node, 'witness/state', {
    id: node.id,
  });
  const [own, cosigning] = [$('.live-log-state').empty(), $('.live-cosigner-state').empty()];
  const note = (text: string) => $('<div>', { class: 'form-tips' }).text(text);
  if (!answer.ok) return void own.append(note(answer.message));
  const { state } = answer;
  if (!state) own.append(note(said('undeployed')));
  else {
    own.append(line(node, 'log', sayLog(node, state)));
    if (state.folder) own.append(line(node, 'folder', state.folder));
    if (state.vkey) own.append(keyLine(node, 'key', state.vkey));
    const asked = (state.cosigners ?? []).map(({ name, ok, reason }) =>
      said(ok === null ? 'notYet' : ok ? 'yes' : 'no', { name, reason: reason ?? '' }),
    );
    if (asked.length) own.append(line(node, 'cosigners', asked.join('; ')));
  }
  if (state?.cosignerVkey) cosigning.append(keyLine(node, 'cosignKey', state.cosignerVkey));
  else cosigning.append($('<div>', { class: 'live-note' }).text(said('cosignUndeployed')));
  const at = state?.countersigning;
  if (at)
    cosigning.append(
      $('<div>', { class: 'live-note' }).text(
        at.error === null
          ? said('listening', { count: at.logs })
          : said('notListening', { reason: at.error }),
      ),
    );
}

RED.nodes.registerType('live-witness-log', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    folder: { value: '' },
    fields: {
      value: 'topic, payload, live, alert',
      validate(value, _options) {
        return liveProduction.check.properties(this, value, 'fields');
      },
    },
    durability: { value: 'group' },
    ifFailed: { value: 'go-on' },
    cosigners: {
      value: [],
      validate(value, _options) {
        return liveProduction.check.keys(this, value, 'cosigners');
      },
    },
    needed: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'needed', 0, 100);
      },
    },
    countersign: { value: false },
    host: {
      value: '127.0.0.1',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'countersign') !== true ||
          liveProduction.check.host(this, value, 'host')
        );
      },
    },
    port: {
      value: '8479',
      validate(value, _options) {
        return (
          liveProduction.current(this, 'countersign') !== true ||
          liveProduction.check.port(this, value, 'port')
        );
      },
    },
    logs: {
      value: [],
      validate(value, _options) {
        return (
          liveProduction.current(this, 'countersign') !== true ||
          liveProduction.check.keys(this, value, 'logs')
        );
      },
    },
    origin: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.keyName(this, value, 'origin');
      },
    },
    stateFolder: { value: '' },
    longestText: {
      value: '8192',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'longestText', 0, 60_000);
      },
    },
    mostMegabytes: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'mostMegabytes');
      },
    },
    checkpointSeconds: {
      value: '10',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'checkpointSeconds', 1, 86_400);
      },
    },
    checkpointEntries: {
      value: '1000',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'checkpointEntries', 1, 1_000_000);
      },
    },
  },
  icon: 'live-witness-log.svg',
  paletteLabel: 'witness log',
  label() {
    return this.name || 'witness log';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    rowList(this, 'cosigners');
    rowList(this, 'logs');
    const on = () => liveProduction.current(this, 'countersign') === true;
    liveProduction.showRows(this, ['countersign'], { port: on, host: on });
    liveProduction.whenChanged(this, ['countersign'], () => {
      $('.live-logs-row').toggle(on());
      $('.live-cosigner-state').toggle(on());
    });
    const placeholder = () => {
      const name = liveProduction.currentText(this, 'name') || 'main';
      liveProduction.field(this, 'folder').attr('placeholder', `live-witness/${name}`);
    };
    liveProduction.field(this, 'name').on('change input', placeholder);
    placeholder();
    liveProduction.tryButton<{ folder: string; isNew: boolean; entries: number | null }>(this, {
      button: $('#node-config-input-test'),
      result: $('.live-test'),
      path: 'witness/test',
      body: () => ({ settings: settingsOfDialog(this) }),
      say: ({ folder, isNew, entries }) => {
        const key = isNew ? 'new' : entries === null ? 'there' : 'log';
        return liveProduction.text(this, `test.${key}`, { folder, entries: entries?.toLocaleString() });
      },
      fields: SIMPLE,
    });
    void showState(this);
  },
  oneditsave() {
    this.cosigners = rowsOf('cosigners');
    this.logs = rowsOf('logs');
  },
});

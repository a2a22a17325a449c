/** Somebody as the runtime lists him. */
interface PersonRow {
  id: string;
  name: string;
  active: boolean;
  createdAt: string;
  keyChangedAt: string;
}

type Changed = { person?: PersonRow; streamKey?: string; removed?: boolean };

/** A key that was just made: it is shown now and never again. */
function showKey(node: EditorNode, { name }: PersonRow, streamKey: string): void {
  const said = (key: string, values?: object) => liveProduction.text(node, `people.${key}`, values);
  const { row, field } = liveProduction.pasteRow({
    label: said('newKey'),
    ...{ copy: said('copy'), aria: said('key', { name }), value: streamKey, note: said('once', { name }) },
  });
  $('.live-keys-new').empty().append(row);
  field.trigger('focus').trigger('select');
}

function say(text: string, fault = false): void {
  $('.live-keys-new')
    .empty()
    .append($('<div>', { class: fault ? 'form-tips live-note-fault' : 'form-tips' }).text(text));
}

/** Ask the runtime for a change, say how it went, and show the list anew. */
async function change(node: EditorNode, what: string, body: object): Promise<boolean> {
  const answer = await liveProduction.post<Changed>(node, `keys/${what}`, { id: node.id, ...body });
  if (!answer.ok) say(answer.message, true);
  else if (answer.person && answer.streamKey) showKey(node, answer.person, answer.streamKey);
  else $('.live-keys-new').empty();
  await showPeople(node);
  return answer.ok;
}

/** A button that wants to be pressed twice. */
function sureButton(node: EditorNode, label: string, name: string, act: () => void): JQuery {
  const said = (key: string) => liveProduction.text(node, `people.${key}`);
  const button = $('<button>', { type: 'button', class: 'red-ui-button red-ui-button-small' });
  return liveProduction.pressedTwice(button, { label: said(label), sure: said('sure'), name }, act);
}

function rowOf(node: EditorNode, { id, name, active, createdAt, keyChangedAt }: PersonRow): JQuery {
  const box = $('<input>', {
    type: 'checkbox',
    'aria-label': liveProduction.text(node, 'people.activeOf', { name }),
  }).prop('checked', active);
  box.on('change', () => void change(node, 'active', { person: id, active: box.prop('checked') === true }));
  const day = (time: string) =>
    new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const cell = (text: string) => $('<td>').text(text);
  return $('<tr>').append(
    cell(name),
    cell(id).addClass('live-keys-id'),
    $('<td>').append(box),
    cell(day(createdAt)).attr(
      'title',
      liveProduction.text(node, 'people.changed', { when: day(keyChangedAt) }),
    ),
    $('<td>').append(
      sureButton(node, 'rotate', name, () => void change(node, 'rotate', { person: id })),
      ' ',
      sureButton(node, 'remove', name, () => void change(node, 'remove', { person: id })),
    ),
  );
}

/** Everybody, as the runtime has them now. */
async function showPeople(node: EditorNode): Promise<void> {
  const said = (key: string) => liveProduction.text(node, `people.${key}`);
  const answer = await liveProduction.post<{ people: PersonRow[] | null; fault?: string | null }>(
    node,
    'keys/list',
    {
      id: node.id,
    },
  );
  const list = $('.live-keys-list').empty();
  const note = (text: string, fault = false) =>
    list.append($('<div>', { class: fault ? 'form-tips live-note-fault' : 'form-tips' }).text(text));
  const people = answer.ok ? answer.people : null;
  $('.live-keys-add').toggle(people !== null);
  if (!answer.ok) return void note(answer.message, true);
  if (answer.fault) note(answer.fault, true);
  if (!people) return void note(said('undeployed'));
  if (people.length === 0) return void note(said('nobody'));
  const head = $('<tr>').append(
    ...['name', 'id', 'active', 'made'].map((key) => $('<th>', { scope: 'col' }).text(said(key))),
    $('<th>'),
  );
  list.append(
    $('<table>', { class: 'live-table' }).append(
      $('<thead>').append(head),
      $('<tbody>').append(...people.map((one) => rowOf(node, one))),
    ),
  );
}

RED.nodes.registerType('live-stream-keys', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    folder: { value: '' },
    mostPeople: {
      value: '1000',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostPeople', 1, 10_000);
      },
    },
  },
  credentials: {
    tokenSecret: {
      type: 'password',
      validate(value, _options) {
        return liveProduction.check.longEnough(this, value, 'tokenSecret', 16);
      },
    },
  },
  icon: 'live-stream-keys.svg',
  paletteLabel: 'stream keys',
  label() {
    return this.name || 'stream keys';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    const name = $('#live-keys-name');
    const add = async () => {
      const said = name.val();
      if (typeof said === 'string' && said.trim() !== '' && (await change(this, 'add', { name: said })))
        name.val('');
    };
    $('#live-keys-add').on('click', () => void add());
    name.on('keydown', (event) => {
      if (event.key !== 'Enter') return;
      // or the dialog would close
      event.preventDefault();
      event.stopPropagation();
      void add();
    });
    $('.live-keys-add').hide();
    void showPeople(this);
  },
});

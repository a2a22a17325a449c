import { el, setText } from '../shared/dom';
import { post, type WithKey } from './post';
import { TEXTS } from './texts';

/** The form with which a guest joins. */
export class JoinPart {
  private readonly code = el('input', {
    id: 'code',
    name: 'code',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: '200',
    required: true,
  });
  private readonly name = el('input', {
    id: 'name',
    name: 'name',
    type: 'text',
    autocomplete: 'nickname',
    maxlength: '40',
    required: true,
    'aria-describedby': 'name-how',
  });
  private readonly fault = el('p', { class: 'fault', role: 'alert' });
  private readonly submit = el('button', { type: 'submit', class: 'main' }, TEXTS.joinNow);
  private readonly form = el(
    'form',
    { novalidate: true },
    el('p', { class: 'quiet' }, TEXTS.joinHow),
    el('label', { for: 'code' }, TEXTS.code),
    this.code,
    el('label', { for: 'name' }, TEXTS.name),
    this.name,
    el('p', { class: 'quiet small', id: 'name-how' }, TEXTS.nameHow),
    this.fault,
    this.submit,
  );
  private readonly off = el('p', { class: 'quiet' }, TEXTS.noJoining);
  readonly element = el(
    'section',
    { class: 'card', 'aria-labelledby': 'h-join' },
    el('h2', { id: 'h-join' }, TEXTS.join),
    this.form,
    this.off,
  );

  /** `joined` hears what a new guest got. */
  constructor(private readonly joined: (got: WithKey) => void) {
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  /** Whether joining is possible at all. */
  show(joining: boolean): void {
    this.form.hidden = !joining;
    this.off.hidden = joining;
  }

  private async send(): Promise<void> {
    const [code, name] = [this.code.value.trim(), this.name.value.trim()];
    if (code === '') return this.wrong(this.code, TEXTS.codeMissing);
    if (name === '') return this.wrong(this.name, TEXTS.nameMissing);
    this.wrong(null, '');
    this.submit.disabled = true;
    setText(this.submit, TEXTS.joining);
    const answer = await post<WithKey>('join', { code, name });
    this.submit.disabled = false;
    setText(this.submit, TEXTS.joinNow);
    if (!answer.ok) {
      const field = { 'wrong-code': this.code, 'bad-name': this.name, 'name-taken': this.name } as const;
      const at = answer.why && answer.why in field ? field[answer.why as keyof typeof field] : null;
      return this.wrong(at, answer.sentence);
    }
    this.code.value = '';
    this.joined(answer.value);
  }

  private wrong(field: HTMLInputElement | null, sentence: string): void {
    for (const one of [this.code, this.name]) one.removeAttribute('aria-invalid');
    field?.setAttribute('aria-invalid', 'true');
    setText(this.fault, sentence);
    field?.focus();
  }
}

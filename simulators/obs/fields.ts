import { Status } from './tables/codes';

/** A refused request: its status code, and the comment where OBS sends one. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly comment = '',
  ) {
    super(comment);
  }
}

export type Data = Record<string, unknown>;

export function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of one request, checked in OBS's order and refused in OBS's words. */
export class Fields {
  private readonly data: Data;
  private readonly given: boolean;

  constructor(requestData: unknown) {
    this.given = isObject(requestData);
    this.data = isObject(requestData) ? requestData : {};
  }

  /** Present and not null. */
  has(name: string): boolean {
    return Object.hasOwn(this.data, name) && this.data[name] !== null && this.data[name] !== undefined;
  }

  /** Present, even with null. */
  mentions(name: string): boolean {
    return Object.hasOwn(this.data, name);
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.data, name) ? this.data[name] : undefined;
  }

  required(name: string): unknown {
    if (!this.given) {
      throw new Refusal(Status.MissingData, 'Your request data is missing or invalid (non-object)');
    }
    if (!this.has(name))
      throw new Refusal(Status.MissingField, `Your request is missing the \`${name}\` field.`);
    return this.data[name];
  }

  string(name: string, allowEmpty = false): string {
    return this.asString(name, this.required(name), allowEmpty);
  }

  optionalString(name: string, allowEmpty = false): string | undefined {
    return this.has(name) ? this.asString(name, this.data[name], allowEmpty) : undefined;
  }

  number(name: string, min = -Infinity, max = Infinity): number {
    return this.asNumber(name, this.required(name), min, max);
  }

  optionalNumber(name: string, min = -Infinity, max = Infinity): number | undefined {
    return this.has(name) ? this.asNumber(name, this.data[name], min, max) : undefined;
  }

  boolean(name: string): boolean {
    return this.asBoolean(name, this.required(name));
  }

  optionalBoolean(name: string): boolean | undefined {
    return this.has(name) ? this.asBoolean(name, this.data[name]) : undefined;
  }

  object(name: string, allowEmpty = false): Data {
    return this.asObject(name, this.required(name), allowEmpty);
  }

  optionalObject(name: string, allowEmpty = false): Data | undefined {
    return this.has(name) ? this.asObject(name, this.data[name], allowEmpty) : undefined;
  }

  private asString(name: string, value: unknown, allowEmpty: boolean): string {
    if (typeof value !== 'string') {
      throw new Refusal(Status.InvalidFieldType, `The field value of \`${name}\` must be a string.`);
    }
    if (value === '' && !allowEmpty) {
      throw new Refusal(Status.FieldEmpty, `The field value of \`${name}\` must not be empty.`);
    }
    return value;
  }

  private asNumber(name: string, value: unknown, min: number, max: number): number {
    if (typeof value !== 'number') {
      throw new Refusal(Status.InvalidFieldType, `The field value of \`${name}\` must be a number.`);
    }
    if (value < min) {
      throw new Refusal(
        Status.OutOfRange,
        `The field value of \`${name}\` is below the minimum of \`${min.toFixed(6)}\``,
      );
    }
    if (value > max) {
      throw new Refusal(
        Status.OutOfRange,
        `The field value of \`${name}\` is above the maximum of \`${max.toFixed(6)}\``,
      );
    }
    return value;
  }

  private asBoolean(name: string, value: unknown): boolean {
    if (typeof value !== 'boolean') {
      throw new Refusal(Status.InvalidFieldType, `The field value of \`${name}\` must be boolean.`);
    }
    return value;
  }

  private asObject(name: string, value: unknown, allowEmpty: boolean): Data {
    if (!isObject(value)) {
      throw new Refusal(Status.InvalidFieldType, `The field value of \`${name}\` must be an object.`);
    }
    if (!allowEmpty && Object.keys(value).length === 0) {
      throw new Refusal(Status.FieldEmpty, `The field value of \`${name}\` must not be empty.`);
    }
    return value;
  }
}

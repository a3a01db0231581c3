import 'reflect-metadata';

export interface SettingOptions {
  /** Never printed; may also be given as `<NAME>_FILE`, a path to a file that holds the value. */
  secret?: boolean;
  /** Value shown (commented out) in `.env.example` where there is no default. */
  example?: string;
}

export interface SettingField extends SettingOptions {
  name: string;
  /** Meaning and unit, in one line. */
  description: string;
  /** Type of the property as declared in the class; `Object` where the compiler had only an initialiser to go by. */
  declaredType: unknown;
}

const FIELDS = new WeakMap<object, SettingField[]>();

/** Declares a field of a config class as an environment variable of the same name. */
export function Setting(description: string, options: SettingOptions = {}): PropertyDecorator {
  return (prototype, property) => {
    const fields = FIELDS.get(prototype) ?? [];
    const declaredType: unknown = Reflect.getMetadata('design:type', prototype, property);
    fields.push({ name: String(property), description, declaredType, ...options });
    FIELDS.set(prototype, fields);
  };
}

/** The settings of a config class in the order of their declaration. */
export const settingsOf = (configClass: new () => object): readonly SettingField[] =>
  FIELDS.get(configClass.prototype as object) ?? [];

import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * A field judged as a whole by one function, which answers what is wrong or null. For lists of ten thousand recipients,
 * where an object and a validation run each would cost more than the message.
 */
export const CheckedBy = (
  problemOf: (value: unknown) => string | null,
  options?: ValidationOptions,
): PropertyDecorator =>
  ValidateBy(
    {
      name: 'checkedBy',
      validator: {
        validate: (value) => problemOf(value) === null,
        defaultMessage: (args) => `${args?.property ?? ''}${problemOf(args?.value) ?? ''}`,
      },
    },
    options,
  );

import type { ApiBodyOptions } from '@nestjs/swagger';

/** Bodies for Swagger UI to choose from, by name. Without them it fills in every field at once, and some exclude each other. */
export type BodyExamples = NonNullable<Extract<ApiBodyOptions, { examples?: unknown }>['examples']>;

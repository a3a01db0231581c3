import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FieldProblem } from './native-errors.js';

class FieldProblemView implements FieldProblem {
  @ApiProperty({ description: 'Path of the field; empty when the whole request is meant.', example: 'channels[0]' })
  field!: string;

  @ApiProperty({ example: 'must be one of: portal, sms, mail' })
  detail!: string;
}

/** Problem details, RFC 9457: the body of every error of this door. Media type `application/problem+json`. */
export class Problem {
  @ApiProperty({
    description: 'Names the kind of problem; the same as `code`.',
    example: 'urn:message-center:problem:invalid_request',
  })
  type!: string;

  @ApiProperty({ description: 'The words of the HTTP status.', example: 'Bad Request' })
  title!: string;

  @ApiProperty({ example: 400 })
  status!: number;

  @ApiProperty({ description: 'What happened and what to do, for a person.', example: 'name must be a string' })
  detail!: string;

  @ApiProperty({ description: 'What programs decide on.', example: 'invalid_request' })
  code!: string;

  @ApiProperty({
    description: 'Also in the header `x-request-id`: name it when you ask for help.',
    example: 'b7f0c9f2-7c1e-4c58-9a6e-0a9d5b2f3c11',
  })
  requestId!: string;

  @ApiPropertyOptional({ type: [FieldProblemView] })
  errors?: readonly FieldProblem[];
}

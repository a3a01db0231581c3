import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { CHANNELS, type Channel } from './channel.js';
import type { OutcomeClass } from './outcome.js';

/**
 * RPC request: send this work now; the answer says that it is settled. Without any work it only asks whether somebody is there to
 * send it.
 */
export class SendNowV1 {
  @IsIn(CHANNELS)
  channel!: Channel;

  @IsArray()
  @ArrayMaxSize(200)
  @IsInt({ each: true })
  workIds!: number[];
}

/** What became of the work stands in its deliveries. */
export type SendNowAnswer = Record<string, never>;

/** Most addresses of one `SendDirectV1`. */
export const MAX_DIRECT_ADDRESSES = 1000;

export class DirectContentV1 {
  @IsString()
  @MaxLength(512)
  title!: string;

  @IsString()
  @MaxLength(2048)
  text!: string;

  @IsString()
  @MaxLength(2048)
  url!: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  buttonText?: string;
}

/** RPC request: hand a card to the provider and answer what it said of each address; nothing is stored. */
export class SendDirectV1 {
  @IsIn(CHANNELS)
  channel!: Channel;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_DIRECT_ADDRESSES)
  @IsString({ each: true })
  @MaxLength(512, { each: true })
  addresses!: string[];

  @ValidateNested()
  @Type(() => DirectContentV1)
  content!: DirectContentV1;
}

/** As the provider port answers it. */
export interface DirectOutcome {
  class: OutcomeClass;
  code?: string;
  words?: string;
}

/** `outcomes[i]` belongs to `addresses[i]`. */
export interface SendDirectAnswer {
  outcomes: DirectOutcome[];
}

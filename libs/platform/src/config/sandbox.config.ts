import { IsBoolean } from 'class-validator';
import { Setting } from './setting.js';

export class SandboxConfig {
  @Setting(
    'on: channels without a provider are served by the sandbox, which reaches nobody; off: they count as switched off.',
  )
  @IsBoolean()
  SANDBOX = false;
}

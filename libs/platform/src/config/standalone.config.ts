import { IsNotEmpty } from 'class-validator';
import { Setting } from './setting.js';

/** What only `npm start` and `npm run start:distributed` ask for. */
export class StandaloneConfig {
  @Setting(
    'npm start and npm run start:distributed only: folder of their database and of the secrets they make; made where it is not there.',
  )
  @IsNotEmpty()
  DATA_DIR = '.data';
}

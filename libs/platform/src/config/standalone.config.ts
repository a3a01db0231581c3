import { IsNotEmpty } from 'class-validator';
import { Setting } from './setting.js';

/** What only `npm start` and `npm run start:distributed` ask for. */
export class StandaloneConfig {
  @Setting('npm start only: folder of its database and of the secrets it makes; made where it is not there.')
  @IsNotEmpty()
  DATA_DIR = '.data';
}

import { CONFIGS } from './configs.js';
import { envExample } from './env-example.js';

// After a change of a config class: node dist/libs/platform/src/config/write-env-example.js > .env.example
process.stdout.write(envExample(CONFIGS));

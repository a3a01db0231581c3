import { runConsumerApp } from '#messaging';
import { ImSyncModule } from './im-sync.module.js';

await runConsumerApp(ImSyncModule, { healthPort: 3103 });

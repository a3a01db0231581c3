import { runConsumerApp } from '#messaging';
import { DispatcherModule } from './dispatcher.module.js';

await runConsumerApp(DispatcherModule, { healthPort: 3101 });

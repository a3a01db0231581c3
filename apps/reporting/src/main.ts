import { runConsumerApp } from '#messaging';
import { ReportingModule } from './reporting.module.js';

await runConsumerApp(ReportingModule, { healthPort: 3104 });

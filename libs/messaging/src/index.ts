export { Batcher, type BatchResult, type BatcherOptions } from './batcher.js';
export type { Contract } from './contract.js';
export { InProcessTransport, type DeadLetter, type InProcessOptions } from './in-process/in-process-transport.js';
export { MessageBus, type BusState } from './message-bus.js';
export {
  BusUnavailableError,
  OverloadedError,
  PayloadRefusedError,
  PublishTimeoutError,
  RpcTimeoutError,
  RpcUnavailableError,
  UnroutableError,
} from './messaging-errors.js';
export { CONSUMER_OPTIONS, connectConsumers, type ConnectOptions } from './nest/connect-consumers.js';
export { runConsumerApp, type ConsumerAppOptions } from './nest/run-consumer-app.js';
export { Answer, Consume, Hear, type HandlerOptions } from './nest/consume.decorator.js';
export { MessagingModule } from './nest/messaging.module.js';
export { TransportStrategy } from './nest/transport.strategy.js';
export { MAX_PAYLOAD_BYTES } from './payload.js';
export { RabbitTransport, type RabbitOptions } from './rabbit/rabbit-transport.js';
export {
  Transport,
  type Answerer,
  type Consumer,
  type Hearer,
  type MessagingLogger,
  type TransportOptions,
} from './transport.js';
export { MAX_ATTEMPTS } from './verdict.js';

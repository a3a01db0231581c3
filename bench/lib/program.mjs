// The other end of `startProgram`.
import './no-pretenuring.mjs';

/** @param {Record<string, (question: any) => unknown>} answers by the question's `ask` */
export function serveQuestions(ready, answers) {
  process.on('message', (question) => {
    Promise.resolve()
      .then(() => answers[question.ask](question))
      .then((answer) => process.send({ id: question.id, ...answer }))
      .catch((error) => process.send({ id: question.id, error: error.stack }));
  });
  process.once('disconnect', () => process.exit(0)); // the bench is gone
  process.send({ ready });
}

/** Ends in order on SIGTERM. */
export function onTerm(stop) {
  process.once('SIGTERM', () => void Promise.resolve(stop()).finally(() => process.exit(0)));
}

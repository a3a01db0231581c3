import { describe, expect, it } from '@jest/globals';
import { CatchUp } from './catch-up.js';

/** A connection with its mailbox; `read` stays open until the test lets it see what is there. */
function connection(...mailbox: string[]): {
  catchUp: CatchUp;
  mailbox: string[];
  got: string[];
  /** Resolves the look that is under way with what the mailbox holds by then. */
  see: () => Promise<void>;
  end: Promise<void>;
} {
  const catchUp = new CatchUp();
  const got: string[] = [];
  let look: ((messages: { ref: string }[]) => void) | undefined;
  const end = catchUp.run(
    () => new Promise<{ ref: string }[]>((resolve) => (look = resolve)),
    ({ ref }) => Promise.resolve(void got.push(ref)),
  );
  const see = async (): Promise<void> => {
    look?.(mailbox.map((ref) => ({ ref })));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { catchUp, mailbox, got, see, end };
}

describe('a connection that catches up', () => {
  it('lets nothing newer go past what waits, and looks again for it', async () => {
    const { catchUp, mailbox, got, see, end } = connection('a');
    expect(catchUp.stored('b')).toBe(false);
    await see(); // a look that did not see it
    expect(got).toEqual(['a']);
    mailbox.push('b');
    await see();
    await end;
    expect(got).toEqual(['a', 'b']);
  });

  it('gives a message once that was read before its storing was known', async () => {
    const { catchUp, mailbox, got, see, end } = connection();
    const ended = catchUp.taking();
    mailbox.push('a');
    await see();
    await end;
    expect(got).toEqual(['a']);
    expect(catchUp.stored('a')).toBe(false);
    ended();
  });

  it('gives what is taken after it at once, a repetition, too', async () => {
    const { catchUp, see, end } = connection('a');
    await see();
    await end;
    const ended = catchUp.taking();
    expect(catchUp.stored('a')).toBe(true);
    ended();
  });

  it('that does not listen yet gets nothing', () => {
    expect(new CatchUp().stored('a')).toBe(false);
  });
});
